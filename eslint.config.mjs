// @ts-check
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Who may import whom (ARCHITECTURE.md): a pattern here is a rule of the house. */
const forbid = (patterns, message) => ['error', { patterns: [{ group: patterns, message }] }];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      'sample/',
      'node_modules/',
      'test/host/node_modules/',
      'test/host/stubs/',
      '.vscode-test/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Index signatures are read with brackets (noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        [
          'vscode',
          '**/engine/*',
          '!**/sqlite/engine',
          '!./engine',
          '**/cli/*',
          '**/shell/*',
          'node:fs',
          'node:fs/*',
          'node:child_process',
          'sql.js',
        ],
        'The core knows no VS Code, no process and no file system: use the ports.',
      ),
    },
  },
  {
    files: ['src/core/storage/node-*.ts'],
    rules: {
      'no-restricted-imports': forbid(['vscode', 'node:child_process', 'sql.js'], 'Only the file system belongs here.'),
    },
  },
  {
    files: ['src/core/storage/node-lsof.ts'],
    rules: {
      'no-restricted-imports': forbid(['vscode', 'node:fs', 'node:fs/*', 'sql.js'], 'It asks lsof, and nothing else.'),
    },
  },
  {
    files: ['src/core/sqlite/sql-js-engine.ts'],
    rules: {
      'no-restricted-imports': forbid(
        ['vscode', 'node:fs', 'node:fs/*', 'node:child_process'],
        'The bytes of the WASM file are given.',
      ),
    },
  },
  {
    files: ['src/engine/**/*.ts', 'src/cli/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        ['vscode', '**/shell/*', 'sql.js'],
        'The engine and the command line run without VS Code.',
      ),
    },
  },
  {
    files: ['src/shell/**/*.ts', 'src/extension.ts'],
    rules: {
      'no-restricted-imports': forbid(
        [
          'node:fs',
          'node:fs/*',
          'sql.js',
          '**/core/migration/*',
          '**/core/sqlite/*',
          '**/core/storage/*',
          '**/engine/handlers',
          '**/engine/server',
          '**/engine/main',
        ],
        'The shell asks the engine; it reads no file and runs no SQL.',
      ),
    },
  },
  {
    files: ['src/web/engine/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        ['vscode', 'node:*', '**/shell/*', '**/web/host/*', '../host/*', 'sql.js'],
        'The worker knows neither VS Code nor Node.',
      ),
    },
  },
  {
    files: ['src/web/extension.ts', 'src/web/host/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        [
          'node:*',
          'sql.js',
          '**/core/migration/*',
          '**/core/sqlite/*',
          '**/core/storage/*',
          '**/engine/handlers',
          '**/engine/server',
          '**/engine/main',
          '**/engine/engine-process',
        ],
        "A browser's extension host has no Node; it asks the engine.",
      ),
    },
  },
  {
    files: ['src/webview/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        [
          'vscode',
          'node:*',
          '**/shell/*',
          '**/core/sqlite/*',
          '**/core/storage/*',
          '**/core/migration/*',
          '**/engine/client',
        ],
        'The view runs in a browser: it knows the messages and nothing behind them.',
      ),
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
);
