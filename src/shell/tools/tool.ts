/** What a tool for language models is here: it answers with data, and may ask first. */
import type * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import { noFolder } from '../commands/pick-place';
import type { ViewServices } from '../services';
import { placeOf, type FolderPlace } from '../workspace-model';
import { notChosen, type NamedPlace } from './places';

export interface Tool<S extends ViewServices = ViewServices> {
  /** What is said while it works, and the question where one has to be answered. */
  prepare(services: S, input: unknown): vscode.PreparedToolInvocation;
  /** @returns what {@link ./data-text} can write */
  invoke(services: S, input: unknown, signal: AbortSignal): Promise<unknown>;
}

export type ToolPlace = NamedPlace & FolderPlace;

/**
 * The workspace folders that have a data folder.
 *
 * @throws CoreError where there is none: why
 */
export async function toolPlaces({ model }: ViewServices): Promise<readonly ToolPlace[]> {
  const folders = await Promise.all(model.folders.map(async (at) => ({ at, result: await model.resolve(at) })));
  const places = folders.flatMap(({ at, result }): ToolPlace[] =>
    result.kind === 'found' ? [named(at, result.dataFolder)] : [],
  );
  if (places.length > 0) return places;
  if (folders.length === 0) throw noFolder();
  const problem = folders.flatMap(({ result }) => (result.kind === 'none' ? [result.problem] : []))[0];
  if (problem !== undefined) throw CoreError.fromData(problem);
  throw notChosen();
}

function named(folder: vscode.WorkspaceFolder, dataFolder: string): ToolPlace {
  return { folder, name: folder.name, place: placeOf(folder, dataFolder) };
}
