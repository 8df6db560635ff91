/** The built command line, as a script would call it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunReport } from '../../src/core/report/model';

export const cliPath = resolve('dist', 'cli.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function assertBuilt(): void {
  if (!existsSync(cliPath)) throw new Error(`${cliPath} is missing: npm run build`);
}

export function jarvisDb(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  return execute(process.execPath, [cliPath, ...args], options);
}

/** A run with `--json`: its exit code and the one document on standard output. */
export async function jarvisDbJson(
  workspace: string,
  ...args: readonly string[]
): Promise<Finished & { readonly report: RunReport }> {
  const finished = await jarvisDb([...args, '--json', '--workspace', workspace]);
  // JSON.parse takes one document and nothing else.
  return { ...finished, report: JSON.parse(finished.stdout) as RunReport };
}

export function execute(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
