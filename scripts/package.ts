/** `npm run package [FILE]`: the `.vsix`, by default `jarvis-databases.vsix`. What goes in is `.vscodeignore`'s to say. */
import { createVSIX } from '@vscode/vsce';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readmeOfPackage } from './package-readme';

const root = resolve(__dirname, '..');
/** `vsce` wants it below the root; "dist/" is made anew meanwhile. */
const readmePath = 'out/package/README.md';

/** @param path of the `.vsix` to write */
export async function packageExtension(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const readme = join(root, readmePath);
  await mkdir(dirname(readme), { recursive: true });
  await writeFile(readme, readmeOfPackage(await readFile(join(root, 'README.md'), 'utf8')));
  await createVSIX({
    cwd: root,
    packagePath: path,
    readmePath,
    // Everything is in the bundles.
    dependencies: false,
    // The project names no repository, so there is no address that links could be given.
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
}

if (require.main === module) {
  packageExtension(resolve(process.argv[2] ?? 'jarvis-databases.vsix')).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
