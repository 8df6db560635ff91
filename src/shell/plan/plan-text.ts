/**
 * What the text of a plan file says at a place: the steps and where they stand, the table under the mouse. Pure, and
 * forgiving: somebody is in the middle of writing it.
 */
import { findNodeAtLocation, getLocation, parseTree, type Node } from 'jsonc-parser';
import type { Domain } from '../../core/report/model';

export interface TextSpan {
  /** In UTF-16 units of the text, from 0. */
  readonly offset: number;
  readonly length: number;
}

export interface TableName {
  readonly database: string;
  readonly table: string;
}

export interface StepText extends TextSpan {
  readonly index: number;
  /** Null where the step names none, or none that there is. */
  readonly domain: Domain | null;
  readonly legacy: TableName | null;
}

export type Path = readonly (string | number)[];

/** The engine checks no longer text either. UTF-16 units. */
const longestText = 4 * 1024 * 1024;

/** The tree of a text, as far as it goes; undefined where there is none worth having. */
export function readTree(text: string): Node | undefined {
  if (text.length > longestText) return undefined;
  try {
    return parseTree(text, [], { allowTrailingComma: true, allowEmptyContent: true });
  } catch (error) {
    // The parser calls itself for each bracket: a text of nothing but brackets is no plan.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function locate(text: string, offset: number): ReturnType<typeof getLocation> | undefined {
  if (text.length > longestText) return undefined;
  try {
    return getLocation(text, offset);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function findSteps(text: string): readonly StepText[] {
  const root = readTree(text);
  const steps = root === undefined ? undefined : findNodeAtLocation(root, ['steps']);
  if (root === undefined || steps?.type !== 'array') return [];
  return (steps.children ?? []).flatMap((node, index) => {
    if (node.type !== 'object') return [];
    const domain = textAt(root, ['steps', index, 'domain']);
    const legacy = tableAt(root, ['steps', index, 'legacy']);
    return [{ index, offset: node.offset, length: node.length, domain: isDomain(domain) ? domain : null, legacy }];
  });
}

/** The table that is named at an offset, and where. */
export function findTableName(text: string, offset: number): (TableName & TextSpan) | null {
  const root = readTree(text);
  const location = locate(text, offset);
  if (root === undefined || location === undefined || location.isAtPropertyKey) return null;
  const { path } = location;
  if (path.at(-1) !== 'table' || !namesTable(path)) return null;
  const node = findNodeAtLocation(root, path);
  const database = databaseFor(root, path);
  if (node?.type !== 'string' || database === null) return null;
  return { database, table: String(node.value), offset: node.offset, length: node.length };
}

/** Whether the `database` at the end of a path names one: a column may be called `database` or `table` too. */
export function namesDatabase([list, , part, ...rest]: Path): boolean {
  if (list === 'steps') return (part === 'legacy' || part === 'target') && rest.length === 1;
  return list === 'criteria' && (part === 'accountedFor' ? rest.length === 1 : rest.length === 0);
}

/** The same for the `table` at the end of a path. */
export function namesTable(path: Path): boolean {
  const [list, , part, ...rest] = path;
  if (list === 'steps' && (part === 'references' || part === 'parents')) return rest.length === 2;
  return rest.length === 1 && namesDatabase(path);
}

/** The database that the `table` (or `database`) at a path belongs to: the one named beside it, else the step's target. */
export function databaseFor(root: Node, path: Path): string | null {
  const [list, index, part] = path;
  if (list === 'steps' && (part === 'references' || part === 'parents'))
    return textAt(root, ['steps', index ?? 0, 'target', 'database']);
  return textAt(root, [...path.slice(0, -1), 'database']);
}

/** A place that names `database` and `table`. */
export function tableAt(root: Node, path: Path): TableName | null {
  const database = textAt(root, [...path, 'database']);
  const table = textAt(root, [...path, 'table']);
  return database === null || table === null ? null : { database, table };
}

/** A text that is there and not empty; null otherwise. */
export function textAt(root: Node, path: Path): string | null {
  const node = findNodeAtLocation(root, [...path]);
  return node?.type === 'string' && node.value !== '' ? String(node.value) : null;
}

export function keysAt(root: Node, path: Path): readonly string[] {
  const node = findNodeAtLocation(root, [...path]);
  if (node?.type !== 'object') return [];
  return (node.children ?? []).map(({ children }) => String(children?.[0]?.value));
}

function isDomain(text: string | null): text is Domain {
  return text === 'core' || text === 'analytics' || text === 'cache';
}
