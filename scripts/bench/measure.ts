/** Running a command once and measuring it from outside. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measurement {
  readonly seconds: number;
  /** Bytes of memory at its peak; null where the system does not tell. */
  readonly peak: number | null;
  readonly stdout: string;
}

/** Milliseconds between two looks at the memory; the kernel keeps the peak in between. */
const lookEvery = 20;
/** No run takes longer; one that hangs must not hang the rest. */
const longest = 10 * 60_000;

/** @throws Error with the command's last words where it does not end with 0 */
export function measure(command: string, args: readonly string[]): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: longest });
    let stdout = '';
    let stderr = '';
    let peak: number | null = null;
    const look = (): void => {
      if (child.pid !== undefined) peak = readPeak(child.pid) ?? peak;
    };
    const clock = setInterval(look, lookEvery);
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => {
      clearInterval(clock);
      reject(error);
    });
    child.on('close', (code, signal) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      clearInterval(clock);
      if (code === 0) resolve({ seconds, peak, stdout });
      else reject(new Error(`${command} ended with ${code ?? signal}: ${stderr.trim().slice(-1000)}`));
    });
  });
}

function readPeak(pid: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** What a command prints, on one line; null where it is not on this machine. */
export async function ask(command: string, args: readonly string[]): Promise<string | null> {
  try {
    return (await measure(command, args)).stdout.trim().replace(/\s+/g, ' ');
  } catch {
    return null;
  }
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) };
}
