/** This process and its neighbours, as far as a lock must tell them apart. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessIdentity, ProcessLife } from './run-lock';

export function thisProcess(): ProcessIdentity {
  const { pid } = process;
  return { pid, host: hostname(), nonce: randomUUID(), life: lifeOf(pid), isAlive, lifeOf };
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only asks; EPERM means that it is there and belongs to somebody else.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** From Linux's /proc, proc(5): field 22 of `stat` is the start in clock ticks since the machine's. */
function lifeOf(pid: number): ProcessLife | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name, in parentheses, may itself hold blanks and parentheses.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (started === undefined) return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return { boot, namespace: readlinkSync('/proc/self/ns/pid'), started };
  } catch {
    return null;
  }
}
