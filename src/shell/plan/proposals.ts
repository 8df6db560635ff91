/** The answers to a {@link PlanQuestion}, written down as the plan file wants them. Pure. */
import type { DatabaseEntry } from '../../core/catalogue/model';
import { quoteIdentifier, sameName } from '../../core/sql-names';
import type { PlanDescription } from '../../engine/protocol';
import type { AnswerForm, PlanPosition, PlanQuestion } from './plan-question';

export interface Proposal {
  readonly kind: 'database' | 'table' | 'column';
  readonly label: string;
  /** What is known about it, in a few words: `INTEGER, not null`. */
  readonly detail: string;
  /** What is written, up to where the cursor comes to stand. */
  readonly text: string;
  /** What is written behind the cursor; null where the cursor stays at the end and nothing more is to be completed. */
  readonly rest: string | null;
}

type Column = PlanDescription['tables'][number]['columns'][number];

/** A consolidated database is offered first where a target is wanted, a legacy one where a legacy one is. */
export function proposeDatabases(
  position: PlanPosition,
  question: Extract<PlanQuestion, { readonly kind: 'database' }>,
  entries: readonly DatabaseEntry[],
): readonly Proposal[] {
  const wanted = question.role === 'target' ? 'consolidated' : question.role;
  const rank = ({ role }: DatabaseEntry): number => (wanted === 'any' || role === wanted ? 0 : 1);
  return (
    entries
      // A plan names nothing outside the workspace folder.
      .filter(({ database }) => !/^(?:[\\/]|[A-Za-z]:)/.test(database) && !database.split('/').includes('..'))
      .sort((a, b) => rank(a) - rank(b))
      .map(({ database, role, state }) =>
        propose(position, 'database', database, state === 'ready' ? role : `${role}, ${state}`),
      )
  );
}

export function proposeTables(position: PlanPosition, { tables }: PlanDescription): readonly Proposal[] {
  return tables.map(({ name, columns }) =>
    propose(position, 'table', name, columns.map((column) => column.name).join(', ')),
  );
}

export function proposeColumns(
  position: PlanPosition,
  question: Extract<PlanQuestion, { readonly kind: 'column' | 'expression' }>,
  { tables }: PlanDescription,
): readonly Proposal[] {
  const columns = tables.find(({ name }) => sameName(name, question.table))?.columns ?? [];
  const wanted = (column: Column): boolean =>
    question.kind === 'expression' ||
    (!(question.written && column.generated) && !question.named.some((name) => sameName(name, column.name)));
  return columns.filter(wanted).map((column) => propose(position, 'column', column.name, factsOf(column)));
}

export function factsOf({ type, primaryKey, notNull, generated }: Column): string {
  return [type, primaryKey > 0 ? 'primary key' : '', notNull ? 'not null' : '', generated ? 'generated' : '']
    .filter((fact) => fact !== '')
    .join(', ');
}

function propose(position: PlanPosition, kind: Proposal['kind'], name: string, detail: string): Proposal {
  const { value, comma } = position.missing;
  const end = comma ? ',' : '';
  const proposal = { kind, label: name, detail };
  if (position.form !== 'key') return { ...proposal, text: written(name, position.form), rest: null };
  const key = JSON.stringify(name);
  switch (value) {
    case null:
      return { ...proposal, text: key, rest: null };
    case 'text':
      return { ...proposal, text: `${key}: "`, rest: `"${end}` };
    case 'reference':
      return { ...proposal, text: `${key}: { "value": "`, rest: `" }${end}` };
  }
}

function written(name: string, form: Exclude<AnswerForm, 'key'>): string {
  switch (form) {
    case 'string':
      return JSON.stringify(name);
    case 'sqlString':
      return JSON.stringify(sqlName(name));
    case 'sqlName':
      return JSON.stringify(sqlName(name)).slice(1, -1);
    case 'quotedName':
      return JSON.stringify(name.replaceAll('"', '""')).slice(1, -1);
  }
}

/** Quoted only where SQL demands it, so that an expression reads as a person would write it. */
function sqlName(name: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name.toUpperCase());
  return plain ? name : quoteIdentifier(name);
}

/** Keywords that SQLite takes for no name, and the ones that mean something of their own in an expression. */
const reserved: ReadonlySet<string> = new Set(
  (
    'ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CAST CHECK COLLATE COMMIT CONSTRAINT CREATE CURRENT_DATE ' +
    'CURRENT_TIME CURRENT_TIMESTAMP DEFAULT DEFERRABLE DELETE DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS FALSE ' +
    'FILTER FOREIGN FROM GLOB GROUP HAVING IN INDEX INSERT INTERSECT INTO IS ISNULL JOIN LIKE LIMIT MATCH NOT ' +
    'NOTHING NOTNULL NULL ON OR ORDER OVER PRIMARY RAISE REFERENCES REGEXP RETURNING SELECT SET TABLE THEN TO ' +
    'TRANSACTION TRUE UNION UNIQUE UPDATE USING VALUES WHEN WHERE WINDOW WITH'
  ).split(' '),
);
