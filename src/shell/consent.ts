/** Questions that only a person can answer: what stops at one is tried again with the answer. */
import { describeError, type CoreErrorCode, type CoreErrorData } from '../core/errors';
import type { RunParams, RunResult } from '../engine/protocol';

export type Consent = Required<Pick<RunParams, 'applicationStopped' | 'openAnyway'>>;

/** Whether the user says yes. */
export type Ask = (question: keyof Consent, problem: CoreErrorData) => Promise<boolean>;

export interface Consented<T> {
  readonly result: T;
  /** What was agreed to, for what goes on from this. */
  readonly consent: Consent;
}

export type ConsentedRun = RunResult & Pick<Consented<RunResult>, 'consent'>;

export const noConsent: Consent = { applicationStopped: false, openAnyway: false };

const questions: Partial<Readonly<Record<CoreErrorCode, keyof Consent>>> = {
  'in-use-unknown': 'applicationStopped',
  'needs-memory': 'openAnyway',
};

/**
 * Each question is asked once. Undefined where the answer is no, or the attempt was cancelled.
 *
 * @param problemOf why a result is none; what an attempt throws is asked about as well
 * @param given what was agreed to before
 * @throws what an attempt throws that no answer helps against
 */
export async function withConsent<T>(
  attempt: (consent: Consent) => Promise<T | undefined>,
  problemOf: (result: T) => CoreErrorData | null,
  ask: Ask,
  given: Consent = noConsent,
): Promise<Consented<T> | undefined> {
  const { problem, settle } = await attempt(given).then(
    (result) => ({
      problem: result === undefined ? null : problemOf(result),
      settle: () => (result === undefined ? undefined : { result, consent: given }),
    }),
    (error: unknown) => ({
      problem: describeError(error),
      settle: (): never => {
        throw error;
      },
    }),
  );
  const question = problem === null ? undefined : questions[problem.code];
  if (problem === null || question === undefined || given[question]) return settle();
  if (!(await ask(question, problem))) return undefined;
  return withConsent(attempt, problemOf, ask, { ...given, [question]: true });
}

export async function runWithConsent(
  attempt: (consent: Consent) => Promise<RunResult | undefined>,
  ask: Ask,
  given: Consent = noConsent,
): Promise<ConsentedRun | undefined> {
  const done = await withConsent(attempt, ({ report }) => report.error, ask, given);
  return done === undefined ? undefined : { ...done.result, consent: done.consent };
}
