/** Statements as the schema table keeps them: `CREATE [UNIQUE] INDEX name …`, whatever was typed before the name. */
import { foldName, quoteIdentifier as q } from '../../sqlite/identifiers';
import { readStatement } from '../../sql-tokens';

/** The schema table keeps statements as `CREATE [UNIQUE] INDEX name …`, whatever was typed before the name. */
const createdName =
  /^(CREATE\s+(?:UNIQUE\s+)?(?:INDEX|TRIGGER|VIEW)\s+)("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[\w$\u0080-\uffff]+)/i;

export function renameCreated(sql: string, name: string): string {
  return sql.replace(createdName, (_, prefix: string) => prefix + q(name));
}

/** The name as the original statement spells it. */
export function keepCreatedName(sql: string, original: string): string {
  const spelled = createdName.exec(original)?.[2] ?? '';
  return sql.replace(createdName, (_, prefix: string) => prefix + spelled);
}

/** The name of an index or view is one of ours by design. */
export function renameAway(sql: string): string {
  return renameCreated(sql, '');
}

/** A trigger of a view, as one of the table that stands for it. */
export function toBefore(sql: string): string {
  const [, , , instead, of] = readStatement(sql);
  if (instead === undefined || of === undefined || foldName(instead.text) !== 'instead') return sql;
  return `${sql.slice(0, instead.start)}BEFORE${sql.slice(of.end)}`;
}

export function toInsteadOf(sql: string, original: string): string {
  const [, , , instead, of] = readStatement(original);
  const before = readStatement(sql)[3];
  if (instead === undefined || of === undefined || foldName(instead.text) !== 'instead' || before === undefined)
    return sql;
  return sql.slice(0, before.start) + original.slice(instead.start, of.end) + sql.slice(before.end);
}
