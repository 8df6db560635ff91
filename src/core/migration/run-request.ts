/**
 * `request.json` of a run: all that its result depends on besides the copies beside it.
 *
 * A run leaves no copy of what it wrote. To tell its rows from those that came later, roll back computes the result once
 * more, from the copies and this.
 */
import * as z from 'zod';
import { join } from 'node:path';
import { CoreError } from '../errors';
import { parsePlan } from '../plan/parse-plan';
import { printPlan } from '../plan/print-plan';
import { reportFiles } from '../report/model';
import { cannotWrite } from '../storage/cannot-write';
import type { FileStore } from '../storage/file-store';
import type { RehearsalRequest } from './rehearsal';

const requestSchema = z.strictObject({
  format: z.literal(1),
  run: z.string().min(1),
  /** ISO 8601, UTC. */
  at: z.string().min(1),
  tool: z.string(),
  domains: z.array(z.enum(['core', 'analytics', 'cache'])),
  mustHaveTables: z.boolean(),
  rejects: z.enum(['fail', 'collect']),
  /** The text of a plan file: what reads those keeps every name of a column, `__proto__` too. */
  plan: z.string(),
});

export type RepeatableRequest = Pick<
  RehearsalRequest,
  'plan' | 'mustHaveTables' | 'domains' | 'run' | 'at' | 'tool' | 'rejects'
>;

/** @throws CoreError `no-space`, `read-only` or `backup-failed`: without it nothing may be published */
export async function writeRunRequest(files: FileStore, folder: string, request: RepeatableRequest): Promise<void> {
  const { run, at, tool, domains, mustHaveTables, rejects, plan } = request;
  const content = { format: 1, run, at, tool, domains, mustHaveTables, rejects, plan: printPlan(plan) };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const path = join(folder, reportFiles.request);
  try {
    await files.writeNew(path, new TextEncoder().encode(text));
  } catch (error) {
    throw cannotWrite(`${reportFiles.request} of run ${run} cannot be written`, path, error, 'backup-failed');
  }
}

/** @returns null where there is none @throws CoreError `backup-damaged` where it cannot be understood */
export async function readRunRequest(files: FileStore, folder: string): Promise<RepeatableRequest | null> {
  const path = join(folder, reportFiles.request);
  if ((await files.stat(path)) === null) return null;
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(await files.read(path)));
    const { plan: text, ...request } = requestSchema.parse(content);
    const { plan, problems } = parsePlan(text);
    if (plan === null) throw new Error(problems[0]?.message ?? 'its plan is none');
    return { ...request, plan };
  } catch (cause) {
    throw new CoreError('backup-damaged', `${path} cannot be understood: it was altered since the run.`, {
      path,
      hint: 'Nothing was changed. Without it, the rows of the run cannot be told from later ones.',
      cause,
    });
  }
}
