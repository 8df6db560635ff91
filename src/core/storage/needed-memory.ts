/**
 * Whether databases that are wanted in memory at once fit it, by the sizes of their files, before one of them is read.
 *
 * Images lie in memory of Node's, and WebAssembly's own holds page caches and sorters only, so what counts is what the
 * machine has left.
 */
import { CoreError } from '../errors';
import type { FileStore } from './file-store';

/** Bytes at the peak per byte of all main files and sidecars, where databases are read, compared or copied. */
export const looking = 2;

export interface MemoryPorts {
  readonly files: Pick<FileStore, 'stat'>;
  /** Bytes that are left for this process. */
  readonly availableMemory: () => number;
}

export interface MemoryNeed {
  /** Every database that is in memory at the same time; what is not there weighs nothing. */
  readonly databases: readonly { readonly name: string; readonly path: string }[];
  /** What they are, after their number: "of this run". */
  readonly which: string;
  /** Bytes at the peak per byte of them. */
  readonly factor: number;
  /** What may be done beside opening them anyway. */
  readonly advice?: string;
  /** The user wants them whatever is needed. */
  readonly openAnyway: boolean;
}

/** How many databases a refusal names. */
const named = 3;

/** @throws CoreError `needs-memory` where more is needed than there is, and the user did not ask for it all the same */
export async function assertMemoryFor(ports: MemoryPorts, need: MemoryNeed): Promise<void> {
  if (need.openAnyway) return;
  const all = await Promise.all(
    need.databases.map(async ({ name, path }) => ({ name, bytes: await sizeOf(ports.files, path) })),
  );
  const weighed = all.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const total = weighed.reduce((sum, { bytes }) => sum + bytes, 0);
  const needed = total * need.factor;
  const available = ports.availableMemory();
  if (needed <= available) return;
  const largest = weighed.slice(0, named);
  const list = largest.map(({ name, bytes }) => `${name} (${inMegabytes(bytes)})`).join(', ');
  const what =
    weighed.length === 1
      ? `${weighed[0]?.name ?? ''} has ${inMegabytes(total)}`
      : `The ${weighed.length} databases ${need.which} have ${inMegabytes(total)}`;
  const which = weighed.length === 1 ? '' : ` The largest: ${list}.`;
  throw new CoreError(
    'needs-memory',
    `${what}: about ${inMegabytes(needed)} of memory are needed, and ${inMegabytes(available)} are free.${which}`,
    {
      path: largest[0]?.name ?? null,
      hint: `${need.advice ?? 'Close other programs'}, or open ${weighed.length === 1 ? 'it' : 'them'} anyway (on the command line: --open-anyway).`,
    },
  );
}

/** Bytes of a database and its sidecars. What cannot be looked at is refused in better words when it is read. */
async function sizeOf(files: MemoryPorts['files'], path: string): Promise<number> {
  const parts = await Promise.all(
    ['', '-wal', '-journal'].map((suffix) => files.stat(path + suffix).catch(() => null)),
  );
  return parts.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 10e6 ? 1 : 0 })} MB`;
}
