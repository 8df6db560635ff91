/**
 * The host suite in a desktop VS Code: `npm run test:electron`, on machines that can download one, or with
 * `VSCODE_PATH` naming the executable of one that is installed.
 */
import { runTests } from '@vscode/test-electron';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';

const root = resolve(__dirname, '..', '..');

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-electron-'));
  const workspace = join(folder, 'workspace');
  await makeSample(workspace);
  const installed = process.env['VSCODE_PATH'];
  try {
    return await runTests({
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, 'out', 'host-suite', 'index.js'),
      launchArgs: [
        workspace,
        '--disable-extensions',
        '--disable-workspace-trust',
        `--user-data-dir=${join(folder, 'user')}`,
      ],
      ...(installed === undefined ? {} : { vscodeExecutablePath: installed }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(
      `The suite did not run in a desktop VS Code: ${error instanceof Error ? error.message : String(error)}`,
    );
    console.error(
      'Set VSCODE_PATH to the executable of an installed VS Code, or run `npm test`, which brings its own.',
    );
    process.exitCode = 1;
  },
);
