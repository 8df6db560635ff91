/** A comparison as Markdown: the result first, then what differs, then what is equal. */
import type { RootContent } from 'mdast';
import { formatCount, formatSize } from '../report/format';
import { toMarkdownText } from '../report/markdown';
import {
  bold,
  code,
  heading,
  join,
  list,
  literal,
  message,
  namesOf,
  paragraph,
  right as rightAligned,
  say,
  table,
  words,
  type Inline,
} from '../report/nodes';
import {
  differs,
  summarise,
  type ComparedSide,
  type DatabaseComparison,
  type ObjectDifference,
  type TableComparison,
} from './model';

/** Lines of one table, and names in a row, in the report; the diff editor has more. */
const most = { cells: 12, tablesWithCells: 20, names: 40 } as const;

export function renderComparison(comparison: DatabaseComparison): string {
  return toMarkdownText([
    heading(1, say`Comparison of ${comparison.left.database} and ${comparison.right.database}`),
    paragraph(resultLine(comparison)),
    ...sides(comparison),
    ...rows(comparison),
    ...schema(comparison),
    ...sampleRows(comparison),
    ...notices(comparison),
  ]);
}

/** What differs, in one sentence. */
function resultLine(comparison: DatabaseComparison): Inline {
  const { outcome, tables } = comparison;
  const found = summarise(comparison);
  const incomplete =
    found.unread === 0 ? [] : say` ${words(formatCount(found.unread, 'table'))} could not be compared.`;
  switch (outcome) {
    case 'equal': {
      const rowsEqual = tables.reduce((sum, { equal }) => sum + equal, 0);
      return say`${bold('Equal')}: the schemas, and all ${words(formatCount(rowsEqual, 'row'))} of ${words(formatCount(tables.length, 'table'))}, cell by cell.`;
    }
    case 'incomplete':
      return [...say`${bold('Nothing differs')} in what could be compared.`, ...incomplete];
    case 'different': {
      const parts = [
        ...(found.objects === 0 ? [] : [words(`${formatCount(found.objects, 'object')} of the schema`)]),
        ...(found.tables === 0
          ? []
          : [words(`${formatCount(found.rows, 'row')} of ${formatCount(found.tables, 'table')}`)]),
        ...found.header.map((name) => code(name)),
      ];
      return [...say`${bold('Different')}: ${join(parts)}.`, ...incomplete];
    }
  }
}

function sides({ left, right }: DatabaseComparison): RootContent[] {
  const row = (name: string, of: (side: ComparedSide) => Inline): readonly Inline[] => [
    words(name),
    of(left),
    of(right),
  ];
  const facts: (readonly Inline[])[] = [
    row('File', ({ database }) => code(database)),
    row('Size', ({ size }) => words(formatSize(size))),
    row('SHA-256 of the main file', ({ sha256 }) => code(sha256.slice(0, 16))),
    row('Tables', ({ tables }) => say`${tables}`),
  ];
  if (left.applied !== null || right.applied !== null)
    facts.push(row('Read with', ({ applied }) => (applied === null ? words('—') : code(`-${applied}`))));
  if (left.encoding !== right.encoding) facts.push(row('Text encoding', ({ encoding }) => code(encoding)));
  if (left.userVersion !== right.userVersion) facts.push(row('user_version', ({ userVersion }) => say`${userVersion}`));
  if (left.applicationId !== right.applicationId)
    facts.push(row('application_id', ({ applicationId }) => say`${applicationId}`));
  return [table(['', 'Left', 'Right'], facts)];
}

function rows({ tables }: DatabaseComparison): RootContent[] {
  const changed = tables.filter((one) => differs(one) || one.problem !== null || hasOwnColumns(one));
  const same = tables.filter((one) => !changed.includes(one));
  const content: RootContent[] = [heading(2, words('Rows'))];
  if (changed.length > 0) {
    content.push(
      table(
        [
          'Table',
          'Compared by',
          rightAligned('Left'),
          rightAligned('Right'),
          rightAligned('Only left'),
          rightAligned('Only right'),
          rightAligned('Different'),
          rightAligned('Equal'),
        ],
        changed.map((one) => [
          code(one.table),
          basisOf(one),
          ...[one.leftRows, one.rightRows, one.onlyLeft, one.onlyRight, one.different, one.equal].map((count) =>
            one.problem === null ? say`${count}` : words('—'),
          ),
        ]),
      ),
    );
  }
  const total = same.reduce((sum, { equal }) => sum + equal, 0);
  if (tables.length === 0) content.push(paragraph(words('No table is on both sides.')));
  else if (same.length > 0)
    content.push(
      paragraph(
        say`Equal in every cell, ${words(formatCount(total, 'row'))} of ${words(formatCount(same.length, 'table'))}: ${namesOf(
          same.map((one) => code(one.table)),
          most.names,
        )}.`,
      ),
    );
  return content;
}

function hasOwnColumns({ leftColumns, rightColumns }: TableComparison): boolean {
  return leftColumns.length + rightColumns.length > 0;
}

function basisOf({ key, problem }: TableComparison): Inline {
  if (problem !== null) return words('not compared');
  if (key === null || key.length === 0) return words('whole rows');
  return namesOf(key.map((column) => code(column)));
}

function schema({ objects }: DatabaseComparison): RootContent[] {
  const title = heading(2, words('Schema'));
  if (objects.length === 0) return [title, paragraph(words('The same on both sides, white space aside.'))];
  const side = { onlyLeft: 'only left', onlyRight: 'only right', different: 'different' } as const;
  return [
    title,
    table(
      ['Object', 'Name', 'Where', 'What'],
      objects.map((object) => [words(object.type), code(object.name), words(side[object.kind]), whatOf(object)]),
    ),
  ];
}

function whatOf(object: ObjectDifference): Inline {
  const { type, kind, rows: count, columns, table: owner } = object;
  if (type === 'index' || type === 'trigger')
    return kind === 'different' ? say`its SQL, on ${owner}` : say`on ${owner}`;
  if (kind !== 'different') return count === null ? [] : words(formatCount(count, 'row'));
  if (columns.length === 0) return words('its SQL');
  return namesOf(
    columns.map(({ column, left, right }) => {
      if (right === null) return say`${column} only left`;
      return left === null ? say`${column} only right` : say`${column} is ${left} left, ${right} right`;
    }),
    4,
  );
}

function sampleRows({ tables }: DatabaseComparison): RootContent[] {
  const changed = tables.filter(({ shown }) => shown.length > 0);
  if (changed.length === 0) return [];
  const content: RootContent[] = [heading(2, words('Differences'))];
  for (const one of changed.slice(0, most.tablesWithCells)) {
    const total = one.onlyLeft + one.onlyRight + one.different;
    content.push(heading(3, code(one.table)));
    const lines = one.shown.flatMap(({ kind, key, times, cells }) => {
      const name =
        key.length === 0
          ? words(times === 1 ? 'a row' : `a row, ${times} times`)
          : join(
              key.map((part) => literal(part)),
              ', ',
              ', ',
            );
      if (kind === 'different')
        return cells.map(({ column, left, right }) => [name, code(column), show(left), show(right)]);
      const row = cells.map(({ left, right }) => left ?? right ?? '').join(', ');
      return [
        [
          name,
          words('the row'),
          kind === 'onlyLeft' ? show(row) : words('—'),
          kind === 'onlyRight' ? show(row) : words('—'),
        ],
      ];
    });
    content.push(table(['Key', 'Column', 'Left', 'Right'], lines.slice(0, most.cells)));
    if (lines.length > most.cells || one.shown.length < total)
      content.push(paragraph(say`The first of ${words(formatCount(total, 'row'))} that differ.`));
  }
  if (changed.length > most.tablesWithCells)
    content.push(
      paragraph(say`${words(formatCount(changed.length - most.tablesWithCells, 'more table'))} with rows that differ.`),
    );
  return content;
}

function show(text: string | null): Inline {
  return text === null ? words('—') : literal(text);
}

/** What was not compared, and what a reader should know. */
function notices({ tables, warnings }: DatabaseComparison): RootContent[] {
  const items: Inline[] = [
    ...tables.flatMap((one) =>
      one.problem === null ? [] : [say`${one.table} was not compared: ${message(one.problem)}`],
    ),
    ...tables.filter(hasOwnColumns).map(
      ({ table: name, leftColumns, rightColumns }) =>
        say`${name}: the values of ${namesOf(
          [...leftColumns, ...rightColumns].map((column) => code(column)),
          most.names,
        )} have nothing to be compared with.`,
    ),
    ...warnings.map((warning) => message(warning.message)),
  ];
  return items.length === 0 ? [] : [heading(2, words('Notices')), list(items)];
}
