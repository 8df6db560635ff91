/** Which data folder, and which database of it, a model means: what it names has to be there, and nothing is guessed. */
import type { DatabaseEntry } from '../../core/catalogue/model';
import { CoreError } from '../../core/errors';
import type { Engine, Place } from '../../engine/protocol';
import { baseName } from '../format';

export interface NamedPlace {
  /** Of the workspace folder. */
  readonly name: string;
  readonly place: Place;
}

export interface FoundDatabase<P extends NamedPlace = NamedPlace> {
  readonly at: P;
  readonly entry: DatabaseEntry;
}

/** @param folder of the input; null where it names none */
export function placesCalled<P extends NamedPlace>(places: readonly P[], folder: string | null): readonly P[] {
  const chosen = folder === null ? places : places.filter(({ name }) => name === folder);
  if (chosen.length > 0) return chosen;
  throw new CoreError('workspace-missing', `No workspace folder with a data folder is called ${folder ?? ''}.`, {
    hint: `There are: ${namesOf(places)}.`,
  });
}

export function onePlace<P extends NamedPlace>(places: readonly P[], folder: string | null): P {
  const [place, ...others] = placesCalled(places, folder);
  if (place !== undefined && others.length === 0) return place;
  throw new CoreError('data-folder-ambiguous', 'Several workspace folders have a data folder.', {
    hint: `Name one as "folder": ${namesOf(places)}.`,
  });
}

/**
 * @param name as the inventory has it, or a file name that only one database has
 * @throws CoreError `file-missing`, or `data-folder-ambiguous` where several are called so
 */
export async function findDatabase<P extends NamedPlace>(
  engine: Engine,
  places: readonly P[],
  name: string,
  signal: AbortSignal,
): Promise<FoundDatabase<P>> {
  const all: FoundDatabase<P>[] = [];
  for (const at of places) {
    const { databases } = await engine.request('catalogue.inventory', at.place, { signal });
    all.push(...databases.map((entry) => ({ at, entry })));
  }
  const exact = all.filter(({ entry }) => entry.database === name);
  const [found, ...others] = exact.length > 0 ? exact : all.filter(({ entry }) => baseName(entry.database) === name);
  if (found === undefined)
    throw new CoreError('file-missing', `No database of the workspace is called ${name}.`, {
      hint: 'jarvis_inspect_database without input lists them.',
    });
  if (others.length > 0)
    throw new CoreError('data-folder-ambiguous', `Several databases are called ${name}.`, {
      hint: 'Name it as jarvis_inspect_database lists it, and the workspace folder as "folder".',
    });
  return found;
}

/** No workspace folder has one data folder, and one has several: which it is, only the user knows. */
export function notChosen(): CoreError {
  return new CoreError('data-folder-ambiguous', 'Several folders of the workspace may be the data folder.', {
    hint: 'The user chooses one with the command "Jarvis: Select Data Folder".',
  });
}

function namesOf(places: readonly NamedPlace[]): string {
  return places.map(({ name }) => JSON.stringify(name)).join(', ');
}
