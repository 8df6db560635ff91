/** What would refuse to be replaced, for those that only rehearse it. */
import { CoreError } from '../errors';
import type { WarningReport } from '../report/model';
import type { PlainFile } from '../storage/plain-file';
import { assertReplaceable, type PublishPorts } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';
import { warning } from './warnings';

/** @returns the refusal of the run in earnest, as a warning with its code; null where there is none */
export async function refusalToReplace(
  ports: Pick<PublishPorts, 'files'>,
  file: Snapshot | PlainFile,
  run: string,
): Promise<WarningReport | null> {
  try {
    await assertReplaceable(ports, file, run);
    return null;
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return warning(error.code, [error.message, ...(error.hint === null ? [] : [error.hint])].join(' '));
  }
}
