/** The themes VS Code brings: how a setting names them, how the picker does, and how a window shows which one it wears. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vscodeFolder } from '../paths';

/** The ids of the themes the tests use: both defaults and both for high contrast. */
export const colorThemes = {
  dark: 'Dark 2026',
  light: 'Light 2026',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;

export interface ColorTheme {
  /** As the theme picker shows it. */
  readonly label: string;
  /** A class the workbench has while it wears the theme. */
  readonly className: string;
}

interface ThemeManifest {
  readonly contributes: {
    readonly themes: readonly { readonly id: string; readonly label: string; readonly path: string }[];
  };
}

const extensionFolder = join(vscodeFolder, 'extensions', 'theme-defaults');

export async function findColorTheme(id: string): Promise<ColorTheme> {
  const { themes } = ((await readJson('package.json')) as ThemeManifest).contributes;
  const labels = (await readJson('package.nls.json')) as Readonly<Record<string, string>>;
  const theme = themes.find((candidate) => candidate.id === id);
  if (theme === undefined) throw new Error(`no theme "${id}" among ${themes.map((known) => known.id).join(', ')}`);
  return {
    label: labels[theme.label.replace(/^%(.*)%$/, '$1')] ?? theme.label,
    className: `vscode-theme-defaults-${theme.path.replace(/^\.\//, '').replace(/[^\w-]/g, '-')}`,
  };
}

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(extensionFolder, name), 'utf8')) as unknown;
}
