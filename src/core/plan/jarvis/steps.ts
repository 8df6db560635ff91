/** What the domains of the built-in plan have in common: where its files lie, and how a table is adopted. */
import type { Domain } from '../../report/model';
import type { PlanSource } from '../schema';

export type StepSource = PlanSource['steps'][number];

/** The files of an installation, as a plan names them. */
export interface Places {
  /** A file of the data folder. */
  readonly inData: (path: string) => string;
  readonly core: string;
  readonly analytics: string;
  readonly cache: string;
}

/** @param dataFolder relative to the workspace folder (`data`, `.`) or absolute */
export function placesOf(dataFolder: string): Places {
  const inData = (path: string): string => (dataFolder === '.' ? path : `${dataFolder}/${path}`);
  return {
    inData,
    core: inData('jarvis_core.db'),
    analytics: inData('jarvis_analytics.db'),
    cache: inData('jarvis_cache.db'),
  };
}

/** Steps that adopt tables of a legacy database into one target, in the order given: parents before children. */
export function adopting(
  domain: Domain,
  target: string,
): (database: string, ...tables: readonly string[]) => readonly StepSource[] {
  return (database, ...tables) =>
    tables.map((table) => ({ domain, strategy: 'adopt', legacy: { database, table }, target: { database: target } }));
}

/** Columns that the target calls as the legacy table does. */
export function same(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
