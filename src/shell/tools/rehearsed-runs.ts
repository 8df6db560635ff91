/** Dry runs that a model may ask to carry out: each by a token that nobody can guess, for a short while, and once. */
import { CoreError } from '../../core/errors';

/** How long a dry run stands. Minutes. */
export const tokenMinutes = 10;
/** Tokens that are remembered, used and expired ones among them: an older one is unknown. */
const kept = 16;

interface Rehearsed<T> {
  /** Null once it was carried out. */
  run: T | null;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export class RehearsedRuns<T> {
  private readonly runs = new Map<string, Rehearsed<T>>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @returns the token */
  keep(run: T): string {
    const token = crypto.randomUUID();
    this.runs.set(token, { run, until: this.now() + tokenMinutes * 60_000 });
    for (const oldest of this.runs.keys()) {
      if (this.runs.size <= kept) break;
      this.runs.delete(oldest);
    }
    return token;
  }

  /** @throws CoreError `run-unknown` for a token that is unknown, used or expired */
  look(token: string): T {
    return this.find(token).run;
  }

  /** The token is used from now on, whatever comes of the run. @throws as {@link look} */
  take(token: string): T {
    const { rehearsed, run } = this.find(token);
    rehearsed.run = null;
    return run;
  }

  private find(token: string): { readonly rehearsed: Rehearsed<T>; readonly run: T } {
    const rehearsed = this.runs.get(token);
    if (rehearsed === undefined) throw refused('is of no dry run of this window');
    if (rehearsed.run === null) throw refused('was used already');
    if (rehearsed.until <= this.now()) throw refused(`is older than ${tokenMinutes} minutes`);
    return { rehearsed, run: rehearsed.run };
  }
}

function refused(why: string): CoreError {
  return new CoreError('run-unknown', `The token ${why}.`, {
    hint: 'jarvis_plan_migration does a new dry run and gives a new token.',
  });
}
