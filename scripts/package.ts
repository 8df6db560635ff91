/** `npm run package [FILE]`: the `.vsix`, by default `jarvis-databases.vsix`. What goes in is `.vscodeignore`'s to say. */
import { createVSIX } from '@vscode/vsce';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** @param path of the `.vsix` to write */
export async function packageExtension(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await createVSIX({
    cwd: resolve(__dirname, '..'),
    packagePath: path,
    // Everything is in the bundles.
    dependencies: false,
    // The project names no repository, so there is no address that the README's links could be given.
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
