/** A comparison of two databases as texts for VS Code's diff editor: the schema, and the rows of each table. */
import {
  differs,
  type DatabaseComparison,
  type ObjectDifference,
  type RowDifference,
  type TableComparison,
} from '../core/compare/model';

/** One resource of the diff editor. */
export interface ComparedText {
  /** As a file's name: its ending says how it is coloured. */
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

export function textsOf({ objects, tables }: DatabaseComparison): readonly ComparedText[] {
  const schema =
    objects.length === 0
      ? []
      : [{ name: 'schema.sql', left: schemaText(objects, 'left'), right: schemaText(objects, 'right') }];
  return [
    ...schema,
    ...tables.filter(differs).map((table) => ({
      name: `${table.table}.sql`,
      left: rowsText(table, 'left'),
      right: rowsText(table, 'right'),
    })),
  ];
}

type Side = 'left' | 'right';

function schemaText(objects: readonly ObjectDifference[], side: Side): string {
  return objects
    .map((object) => `-- ${object.type} ${oneLine(object.name)}\n${object[side] === null ? '' : `${object[side]};\n`}`)
    .join('\n');
}

/** Both sides have the same headings, so that the diff stands by them. */
function rowsText(table: TableComparison, side: Side): string {
  const kinds = [
    ['different', table.different, 'different'],
    ['onlyLeft', table.onlyLeft, 'only left'],
    ['onlyRight', table.onlyRight, 'only right'],
  ] as const;
  const parts = kinds.flatMap(([kind, count, words]) => {
    if (count === 0) return [];
    const rows = table.shown.filter((row) => row.kind === kind);
    const shown = rows.reduce((sum, { times }) => sum + times, 0);
    const heading = `-- ${words}: ${count}${shown < count ? `, the first ${shown} are shown` : ''}\n`;
    const texts = rows.map((row) => rowText(table.key ?? [], row, side)).filter((text) => text !== '');
    return [[heading, ...texts].join('\n')];
  });
  return parts.join('\n');
}

/** Its key, and below it the other cells; of a row that is on the other side only, nothing. */
function rowText(key: readonly string[], row: RowDifference, side: Side): string {
  if (row.kind === (side === 'left' ? 'onlyRight' : 'onlyLeft')) return '';
  const name =
    key.length === 0
      ? `row${row.times === 1 ? '' : ` × ${row.times}`}`
      : key.map((column, index) => `${oneLine(column)} = ${row.key[index] ?? ''}`).join(', ');
  const cells = row.cells
    .filter(({ column }) => !key.includes(column))
    .map((cell) => `    ${oneLine(cell.column)} = ${cell[side] ?? ''}`);
  return `${[name, ...cells].join('\n')}\n`;
}

/** A name may hold a line break. */
function oneLine(name: string): string {
  return name.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
