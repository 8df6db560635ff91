/**
 * The text of a plan file → the plan, or what is wrong with it and where.
 *
 * The text is somebody else's: it is bounded before it is parsed, no key of it reaches a prototype, and none is dropped
 * silently (a column may really be called `__proto__`, and zod's record leaves that key out).
 */
import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { nestsTooDeep } from './nesting';
import type * as z from 'zod';
import { planSchema, type Plan } from './schema';

/** Where something stands in a plan: `['steps', 3, 'columns', 'id']`. */
export type PlanPath = readonly (string | number)[];

export interface PlanProblem {
  /** An error keeps the plan from running; a warning is worth a look; a note says what becomes of something. */
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable, kebab-case. */
  readonly code: string;
  /** One sentence for people. */
  readonly message: string;
  readonly path: PlanPath;
  /** In UTF-16 units of the text, from 0. */
  readonly offset: number;
  readonly length: number;
}

export interface TextRange {
  readonly offset: number;
  readonly length: number;
}

export interface ParsedPlan {
  /** Null where there is an error among the problems. */
  readonly plan: Plan | null;
  readonly problems: readonly PlanProblem[];
  /**
   * Where a key or value stands in the text. Where the plan leaves it out, the first character of what should hold it.
   */
  locate(path: PlanPath, what?: 'key' | 'value'): TextRange;
}

/** UTF-16 units; the built-in plan has some 60,000. */
export const largestPlan = 4 * 1024 * 1024;
const deepestPlan = 32;
/** More problems than anybody reads: the rest is left out. */
const mostProblems = 200;

export function parsePlan(text: string): ParsedPlan {
  // A space for the byte order mark: offsets stay those of the text.
  const source = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
  const nowhere: TextRange = { offset: 0, length: Math.min(1, text.length) };
  const refused = (problems: readonly PlanProblem[]): ParsedPlan => ({
    plan: null,
    problems: problems.slice(0, mostProblems),
    locate: () => nowhere,
  });
  const bound = findExcess(source);
  if (bound !== null) return refused([{ severity: 'error', path: [], ...bound }]);

  const faults: ParseError[] = [];
  const root = parseTree(source, faults, { allowTrailingComma: true });
  if (faults.length > 0 || root === undefined) return refused(describeSyntax(faults, nowhere));

  const locate = (path: PlanPath, what: 'key' | 'value' = 'value'): TextRange => locateIn(root, path, what);
  const problems: PlanProblem[] = [];
  inspectText(root, problems);
  const result = planSchema.safeParse(valueOf(root));
  if (!result.success) {
    for (const issue of result.error.issues) {
      if (problems.length >= mostProblems) break;
      problems.push(...describeIssue(issue, root));
    }
  }
  problems.sort((a, b) => a.offset - b.offset);
  return {
    plan: result.success && problems.length === 0 ? (restoreKeys(result.data) as Plan) : null,
    problems: problems.slice(0, mostProblems),
    locate,
  };
}

export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Line and column of offsets in a text, both from 1, as editors show them. */
export function positionsOf(text: string): (offset: number) => TextPosition {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), ({ index, 0: end }) => index + end.length)];
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function findExcess(text: string): Pick<PlanProblem, 'code' | 'message' | 'offset' | 'length'> | null {
  if (text.length > largestPlan) {
    return {
      code: 'too-large',
      message: `The plan has ${text.length.toLocaleString('en')} characters; ${largestPlan.toLocaleString('en')} are read at most.`,
      offset: 0,
      length: 1,
    };
  }
  const deep = nestsTooDeep(text, deepestPlan);
  return deep === null
    ? null
    : { code: 'too-deep', message: `Brackets nest deeper than ${deepestPlan} levels.`, ...deep };
}

function describeSyntax(faults: readonly ParseError[], nowhere: TextRange): readonly PlanProblem[] {
  if (faults.length === 0)
    return [{ severity: 'error', code: 'syntax', message: 'The plan is empty.', path: [], ...nowhere }];
  return faults.slice(0, mostProblems).map(({ error, offset, length }) => ({
    severity: 'error',
    code: 'syntax',
    message: `This is not JSON: ${printParseErrorCode(error)
      .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
      .trim()}.`,
    path: [],
    offset,
    length,
  }));
}

/** What JSON allows and a plan does not: a key twice (the first would be dropped), a NUL (SQLite's text ends there). */
function inspectText(root: Node, problems: PlanProblem[]): void {
  const visit = (node: Node, path: PlanPath): void => {
    if (problems.length >= mostProblems) return;
    if (node.type === 'string' && String(node.value).includes('\0')) {
      problems.push({
        severity: 'error',
        code: 'nul-character',
        message: 'A NUL character can be no part of a name or of SQL.',
        path,
        offset: node.offset,
        length: node.length,
      });
    }
    const seen = new Set<string>();
    for (const [index, child] of (node.children ?? []).entries()) {
      if (node.type !== 'object') {
        visit(child, [...path, index]);
        continue;
      }
      const [key, value] = child.children ?? [];
      if (key === undefined) continue;
      const name = String(key.value);
      if (seen.has(name)) {
        problems.push({
          severity: 'error',
          code: 'duplicate-key',
          message: `The key ${JSON.stringify(name)} is here twice.`,
          path: [...path, name],
          offset: key.offset,
          length: key.length,
        });
      }
      seen.add(name);
      visit(key, [...path, name]);
      if (value !== undefined) visit(value, [...path, name]);
    }
  };
  visit(root, []);
}

/**
 * Keys travel through zod under a name that it keeps: `__proto__` gets a NUL in front, which no key of a plan may have
 * ({@link inspectText}), and loses it again afterwards.
 */
const guarded = '\0__proto__';

function valueOf(node: Node): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        (node.children ?? []).map(({ children: [key, value] = [] }) => {
          const name = String(key?.value);
          return [name === '__proto__' ? guarded : name, value === undefined ? undefined : valueOf(value)];
        }),
      );
    case 'array':
      return (node.children ?? []).map(valueOf);
    case 'property':
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return node.value;
  }
}

function restoreKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restoreKeys);
  if (typeof value !== 'object' || value === null) return value;
  // Object.fromEntries makes every key a property of the object's own, `__proto__` too.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [restoreKey(key), restoreKeys(item)]));
}

function restoreKey(key: string): string {
  return key === guarded ? '__proto__' : key;
}

function locateIn(root: Node, path: PlanPath, what: 'key' | 'value'): TextRange {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = findNodeAtLocation(root, path.slice(0, depth));
    if (node === undefined) continue;
    if (depth < path.length) return { offset: node.offset, length: 1 };
    const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    const { offset, length } = what === 'key' && key !== undefined ? key : node;
    return { offset, length };
  }
  return { offset: root.offset, length: 1 };
}

function describeIssue(issue: z.core.$ZodIssue, root: Node): readonly PlanProblem[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : restoreKey(String(segment))));
  const problem = (code: string, message: string, at: PlanPath = path, what?: 'key'): PlanProblem => ({
    severity: 'error',
    code,
    message,
    path: at,
    ...locateIn(root, at, what ?? 'value'),
  });
  const last = path.at(-1);
  const missing = findNodeAtLocation(root, path) === undefined;
  if (missing && typeof last === 'string') return [problem('missing-key', `${JSON.stringify(last)} is missing.`)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, mostProblems).map((key) => {
        const name = restoreKey(key);
        return problem('unknown-key', `A plan has no key ${JSON.stringify(name)} here.`, [...path, name], 'key');
      });
    case 'invalid_type':
      return [problem('wrong-type', `This must be ${withArticle(issue.expected)}.`)];
    case 'invalid_value':
      return [
        problem('wrong-value', `This must be ${listValues(issue.values.map((value) => JSON.stringify(value)))}.`),
      ];
    case 'invalid_union':
      return [problem('wrong-value', 'This must be "map", "adopt", "config" or "skip".')];
    case 'too_small':
      return [problem('empty', 'This must not be empty.')];
    case 'invalid_format':
      return [problem('wrong-format', last === 'file' ? fileWords : last === 'expect' ? expectWords : issue.message)];
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'too_big':
      return [problem('wrong-value', issue.message)];
  }
}

const fileWords = 'A configuration file ends in .yaml, .yml or .json.';
const expectWords = 'This must be an operator and a number, such as ">= 19", "= 0" or "< 5".';

function withArticle(type: string): string {
  if (type === 'record') return 'an object';
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function listValues(values: readonly (string | undefined)[]): string {
  const words = values.map(String);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
