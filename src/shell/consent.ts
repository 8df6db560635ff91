/** Questions that only a person can answer: a run that stops at one is tried again with the answer. */
import type { CoreErrorCode, CoreErrorData } from '../core/errors';
import type { RunParams, RunResult } from '../engine/protocol';

export type Consent = Required<Pick<RunParams, 'applicationStopped' | 'openAnyway'>>;

export interface ConsentedRun extends RunResult {
  /** What was agreed to, for the run that goes on from this one. */
  readonly consent: Consent;
}

const questions: Partial<Readonly<Record<CoreErrorCode, keyof Consent>>> = {
  'in-use-unknown': 'applicationStopped',
  'needs-memory': 'openAnyway',
};

/**
 * Each question is asked once. Undefined where the answer is no, or the run was cancelled.
 *
 * @param given what was agreed to before
 */
export async function runWithConsent(
  attempt: (consent: Consent) => Promise<RunResult | undefined>,
  ask: (question: keyof Consent, problem: CoreErrorData) => Promise<boolean>,
  given: Consent = { applicationStopped: false, openAnyway: false },
): Promise<ConsentedRun | undefined> {
  const result = await attempt(given);
  if (result === undefined) return undefined;
  const { error } = result.report;
  const question = error === null ? undefined : questions[error.code];
  if (error === null || question === undefined || given[question]) return { ...result, consent: given };
  if (!(await ask(question, error))) return undefined;
  return runWithConsent(attempt, ask, { ...given, [question]: true });
}
