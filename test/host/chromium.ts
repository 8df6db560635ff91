/**
 * The Chromium that npm brings (Linux x64 only), unpacked once with the few system libraries and fonts it needs, so
 * that a bare machine runs the tests without installing anything as root.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import type { BrowserChoice } from './browser';
import { chromiumFolder, hostModules, requireFromHost } from './paths';

const executable = join(chromiumFolder, 'chromium');

export async function unpackChromium(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  await rm(chromiumFolder, { recursive: true, force: true });
  await mkdir(chromiumFolder, { recursive: true });
  const { extract } = requireFromHost('tar-fs') as { extract: (folder: string) => Writable };
  await Promise.all([
    unpack('chromium.br', createWriteStream(executable, { mode: 0o755 })),
    unpack('swiftshader.tar.br', extract(chromiumFolder)),
    unpack('al2023.tar.br', extract(join(chromiumFolder, 'al2023'))),
    unpack('fonts.tar.br', extract(join(chromiumFolder, 'fonts'))),
  ]);
  await writeFile(join(chromiumFolder, 'fonts.conf'), describeFonts());
}

async function unpack(archive: string, target: Writable): Promise<void> {
  const source = join(hostModules, '@sparticuz', 'chromium', 'bin', archive);
  await pipeline(createReadStream(source), createBrotliDecompress(), target);
}

function describeFonts(): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(chromiumFolder, 'fonts')}</dir>
  <cachedir>${join(chromiumFolder, 'font-cache')}</cachedir>
</fontconfig>
`;
}

/** The unpacked Chromium and the environment it needs; `undefined` where npm has none for this platform. */
export function findBundledChromium(): BrowserChoice | undefined {
  if (!existsSync(executable)) return undefined;
  const libraries = [join(chromiumFolder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  // A machine with fonts of its own keeps them: screenshots look as its users see VS Code.
  const hasFonts = existsSync('/etc/fonts/fonts.conf');
  return {
    executablePath: executable,
    env: hasFonts ? env : { ...env, FONTCONFIG_FILE: join(chromiumFolder, 'fonts.conf') },
  };
}
