/** What an output channel holds. The view shows only the lines that fit, so the text is read from the channel's file. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The whole text of a channel in the newest window of the server; empty if nothing was written. */
export async function readOutputChannel(serverFolder: string, channel: string): Promise<string> {
  const names = await readdir(serverFolder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => isLogOf(channel, name)).map((name) => join(serverFolder, name));
  const aged = await Promise.all(files.map(async (file) => ({ file, modified: (await stat(file)).mtimeMs })));
  const newest = aged.sort((a, b) => b.modified - a.modified)[0];
  return newest === undefined ? '' : readFile(newest.file, 'utf8');
}

/** A plain channel is `1-Name.log` in a folder of outputs, a log channel `Name.log` in a folder of the extension. */
function isLogOf(channel: string, name: string): boolean {
  const file = basename(name);
  return (
    file === `${channel}.log` || (file.endsWith(`-${channel}.log`) && /^\d+-/.test(file) && name.includes('output_'))
  );
}
