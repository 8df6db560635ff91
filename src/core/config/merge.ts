/**
 * Further rows in a configuration file: put in as text, so that every byte of the user's stays, comments and all.
 */
import { documentEnd, type ConfigDocument } from './decode';
import {
  encodeDocument,
  jsonRows,
  jsonTable,
  yamlComment,
  yamlFlowRows,
  yamlRows,
  yamlTable,
  type NamedRow,
} from './encode';

/** @param document null where there is no file yet @returns the bytes of the file with the rows after its own */
export function appendRows(
  document: ConfigDocument | null,
  origin: { readonly format: ConfigDocument['format']; readonly database: string; readonly table: string },
  rows: readonly NamedRow[],
): Uint8Array {
  const { format, database, table } = origin;
  const whole = encodeDocument(format, database, table, rows);
  if (document === null) return new TextEncoder().encode(whole);
  return new TextEncoder().encode(document.mark + insert(document, whole, database, table, rows));
}

function insert(
  { format, text, place }: ConfigDocument,
  whole: string,
  database: string,
  table: string,
  rows: readonly NamedRow[],
): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const put = (added: string, at: number, end = at): string => text.slice(0, at) + added + text.slice(end);
  const isJson = format === 'json';
  const lines = (added: string): string => added.replaceAll('\n', eol);
  /** Block content begins on a line of its own. */
  const onNewLine = (at: number): string => (at === 0 || text[at - 1] === '\n' ? '' : eol);
  switch (place.kind) {
    case 'document': {
      const at = isJson ? 0 : documentEnd(text);
      return put(onNewLine(at) + lines(whole), at, isJson ? text.length : at);
    }
    case 'null':
      return put(isJson ? lines(`[\n${jsonRows(rows)}\n  ]`) : `[ ${yamlFlowRows(rows)} ]`, place.at, place.end);
    case 'table': {
      const { at, first, indent } = place;
      if (isJson) return put(lines(`${first ? '' : ','}\n  ${jsonTable(table, rows)}${first ? '\n' : ''}`), at);
      if (place.style === 'flow')
        return put(`${first ? ' ' : ', '}${JSON.stringify(table)}: [ ${yamlFlowRows(rows)} ]${first ? ' ' : ''}`, at);
      const added = yamlComment(database, table, eol, indent) + yamlTable(table, rows, eol, indent);
      return put(onNewLine(at) + added, at);
    }
    case 'rows': {
      const { at, first, indent } = place;
      if (isJson) return put(lines(`${first ? '' : ','}\n${jsonRows(rows)}${first ? '\n  ' : ''}`), at);
      if (place.style === 'flow') return put(`${first ? ' ' : ', '}${yamlFlowRows(rows)}${first ? ' ' : ''}`, at);
      return put(onNewLine(at) + yamlRows(rows, eol, indent), at);
    }
  }
}
