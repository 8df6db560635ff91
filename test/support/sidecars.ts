/** Databases with sidecars, made and read by Python's own SQLite: what a test of ours is compared with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CoreError, type CoreErrorCode } from '../../src/core/errors';
import { nodeFileStore } from '../../src/core/storage/node-file-store';
import { readSnapshot, type Snapshot } from '../../src/core/storage/snapshot';

const script = resolve('test', 'support', 'sidecars.py');

/** One database as it lay there at a moment. */
export interface Files {
  readonly main: Uint8Array;
  readonly wal?: Uint8Array;
  readonly journal?: Uint8Array;
}

const names = { main: 'x.db', wal: 'x.db-wal', journal: 'x.db-journal' } as const;

export async function python(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('python3', [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`sidecars.py ended with ${code}`);
  return text;
}

/** A process that commits without a pause; resolves when it has begun. */
export async function startWriter(path: string, mode: string, seconds: number): Promise<{ ended: Promise<unknown> }> {
  const child = spawn('python3', [script, 'write', path, mode, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  return { ended };
}

export async function makeCases(folder: string): Promise<readonly { readonly name: string; readonly files: Files }[]> {
  await python(['make', folder]);
  const cases = [];
  for (const name of (await readdir(folder)).sort()) cases.push({ name, files: await readFiles(join(folder, name)) });
  return cases;
}

async function readFiles(folder: string): Promise<Files> {
  const there = new Set(await readdir(folder));
  const read = async (key: keyof Files): Promise<object> =>
    there.has(names[key]) ? { [key]: new Uint8Array(await readFile(join(folder, names[key]))) } : {};
  return { main: new Uint8Array(), ...(await read('main')), ...(await read('wal')), ...(await read('journal')) };
}

export interface Reading {
  readonly name: string;
  /** What SQLite reads: a hash, or `error: …`. */
  readonly theirs: string;
  /** What the image that we read holds, or the refusal. */
  readonly ours: string;
  readonly refused: { readonly code: CoreErrorCode; readonly message: string } | null;
  readonly snapshot: Snapshot | null;
  /** Not a byte of the files is another than before. */
  readonly untouched: boolean;
}

/** Reads every variant of files twice: with our snapshot, and with SQLite on a copy. */
export async function compare(
  folder: string,
  variants: readonly { readonly name: string; readonly files: Files }[],
): Promise<readonly Reading[]> {
  const paths: string[] = [];
  const read = [];
  for (const [index, { name, files }] of variants.entries()) {
    const place = join(folder, String(index));
    await mkdir(place, { recursive: true });
    for (const key of Object.keys(names) as (keyof Files)[]) {
      const bytes = files[key];
      if (bytes !== undefined) await writeFile(join(place, names[key]), bytes);
    }
    const result = await readOurs(join(place, names.main));
    paths.push(join(place, names.main));
    if (result.snapshot !== null) {
      const image = Uint8Array.from(result.snapshot.bytes);
      image.fill(1, 18, 20);
      await mkdir(join(place, 'ours'));
      await writeFile(join(place, 'ours', names.main), image);
      paths.push(join(place, 'ours', names.main));
    }
    const after = await readFiles(place);
    const untouched = (Object.keys(names) as (keyof Files)[]).every((key) =>
      Buffer.from(after[key] ?? []).equals(Buffer.from(files[key] ?? [])),
    );
    read.push({ name, ...result, untouched });
  }
  const dumps = JSON.parse(await python(['dump'], JSON.stringify(paths))) as string[];
  return read.map((result) => {
    const theirs = dumps.shift() ?? '';
    const ours = result.snapshot === null ? `refused: ${result.refused?.message ?? ''}` : (dumps.shift() ?? '');
    return { ...result, theirs, ours };
  });
}

async function readOurs(path: string): Promise<Pick<Reading, 'snapshot' | 'refused'>> {
  try {
    return { snapshot: await readSnapshot(nodeFileStore, path, 'x.db'), refused: null };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return { snapshot: null, refused: { code: error.code, message: error.message } };
  }
}

/** A copy with one bit turned over. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

export async function copyCase(files: Files, folder: string, name: string): Promise<void> {
  for (const key of Object.keys(names) as (keyof Files)[]) {
    const bytes = files[key];
    if (bytes !== undefined) await writeFile(join(folder, name + names[key].slice('x.db'.length)), bytes);
  }
}
