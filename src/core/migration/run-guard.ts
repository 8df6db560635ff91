/** What a run asks of the files before it begins: a run that will write refuses, one that only looks says what it saw. */
import type { RunMode, WarningReport } from '../report/model';
import { assertNobodyHas, refusalOf } from '../storage/holders';
import { findPlaceWarnings } from '../storage/place-warnings';
import type { PlainFile } from '../storage/plain-file';
import { assertReplaceable } from '../storage/publish';
import { filesOf } from '../storage/replace';
import type { Snapshot } from '../storage/snapshot';
import { assertSameDatabases, type Confirmed } from './confirmed';
import type { InvolvedDatabases } from './involved';
import type { RunPorts } from './ports';
import { refusalToReplace } from './replaceable';
import { warning } from './warnings';

interface Guarded {
  readonly mode: RunMode;
  readonly applicationStopped: boolean;
  readonly expected: Confirmed | null;
}

/** @throws CoreError where a file is in use, cannot be replaced, or is not what was confirmed */
export async function guardRun(
  ports: RunPorts,
  { mode, applicationStopped, expected }: Guarded,
  run: string,
  { snapshots, targets, files }: InvolvedDatabases,
): Promise<readonly WarningReport[]> {
  const { holders } = ports;
  const plain = [...files.values()];
  const places = [
    ...[...snapshots.values()].map(({ database, path, stat }) => ({ name: database, path, isDatabase: true, stat })),
    ...plain.flatMap(({ name, path, before }) =>
      before === null ? [] : [{ name, path, isDatabase: false, stat: before.stat }],
    ),
  ];
  const all = (await Promise.all(places.map((place) => filesOf(ports.files, place, place)))).flat();
  const warnings = [...(await findPlaceWarnings(ports.files, places))];
  if (mode === 'migrate') {
    for (const file of [...targets, ...plain]) await assertReplaceable(ports, file, run);
    await assertNobodyHas(holders, all, applicationStopped);
  } else {
    if (mode === 'dryRun') warnings.push(...(await findIrreplaceable(ports, run, [...targets, ...plain])));
    const answers = await holders.find(all);
    for (const [index, { name }] of all.entries()) {
      const answer = answers[index];
      const refusal = answer === undefined ? null : refusalOf(answer, name, true);
      if (refusal !== null)
        warnings.push(warning('in-use', `${refusal.message} Stop that process before you migrate.`));
    }
  }
  assertSameDatabases(expected, snapshots);
  return warnings;
}

/** What would refuse the run that is rehearsed, whether it changes that file or not. */
async function findIrreplaceable(
  ports: RunPorts,
  run: string,
  written: readonly (Snapshot | PlainFile)[],
): Promise<readonly WarningReport[]> {
  const warnings: WarningReport[] = [];
  for (const file of written) {
    const refusal = await refusalToReplace(ports, file, run);
    if (refusal !== null) warnings.push(refusal);
  }
  return warnings;
}
