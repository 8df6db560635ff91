/** The licenses of the libraries that the bundles hold parts of: each asks to go wherever its code goes. */
import type { Metafile } from 'esbuild';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * One text with name, version and license of each library, in the order of their names.
 *
 * @param metafiles esbuild's accounts of what went into the bundles, with paths from `root`
 * @throws Error for a library that brings no license
 */
export async function thirdPartyLicenses(root: string, metafiles: readonly Metafile[]): Promise<string> {
  const parts = await Promise.all(librariesOf(metafiles).map((folder) => licenseOf(join(root, folder))));
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Their folders; what the bundler left out needs no license. */
export function librariesOf(metafiles: readonly Metafile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
      const [folder] = /^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

async function licenseOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
    'name' | 'version',
    string
  >;
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.(md|txt))?$/i.test(name));
  if (file === undefined) throw new Error(`${folder} brings no license: look what may be done with it.`);
  return `${manifest.name} ${manifest.version}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
}
