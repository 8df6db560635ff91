import type { Services } from '../services';
import { pickPlace } from './pick-place';
import { exclusively, presentFailure, run, showReport } from './run';

/** "Dry Run": the whole migration in memory, and its report. Nothing is written, not even the report. */
export async function dryRun(services: Services, argument: unknown): Promise<void> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    const result = await run(services, picked.place, { mode: 'dryRun' });
    if (result === undefined) return;
    await showReport(services, result);
    if (result.report.error !== null) presentFailure(services, result);
  });
}
