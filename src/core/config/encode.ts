/**
 * Rows as the text of a configuration file that people edit: YAML, or JSON by the file's ending.
 *
 * What is written reads the same by YAML 1.1 (which Python's reader speaks), YAML 1.2 and JSON. Nothing in it depends
 * on time or run: the same rows give the same bytes.
 */
import { tags, type ConfigValue } from './value';

export type ConfigFormat = 'yaml' | 'json';

export interface NamedRow {
  readonly columns: readonly string[];
  readonly values: readonly ConfigValue[];
}

export function formatOf(file: string): ConfigFormat {
  return /\.json$/i.test(file) ? 'json' : 'yaml';
}

/** A whole new file. @param database where the table comes from, for the comment on top */
export function encodeDocument(
  format: ConfigFormat,
  database: string,
  table: string,
  rows: readonly NamedRow[],
): string {
  return format === 'json'
    ? `{\n  ${jsonTable(table, rows)}\n}\n`
    : `${yamlComment(database, table, '\n', '')}${yamlTable(table, rows, '\n', '')}`;
}

/** A table as an entry of a block mapping, each line indented. */
export function yamlTable(table: string, rows: readonly NamedRow[], eol: string, indent: string): string {
  if (rows.length === 0) return `${indent}${yamlText(table)}: []${eol}`;
  return `${indent}${yamlText(table)}:${eol}${yamlRows(rows, eol, `${indent}  `)}`;
}

export function yamlComment(database: string, table: string, eol: string, indent: string): string {
  const lines = [
    `# ${visible(table)} of ${visible(database)}: one entry for each row.`,
    '# Edit freely: a migration adds rows that are missing and never changes what is here.',
  ];
  return lines.map((line) => `${indent}${line}${eol}`).join('');
}

/** Rows as items of a block sequence. */
export function yamlRows(rows: readonly NamedRow[], eol: string, indent: string): string {
  return rows
    .map(({ columns, values }) =>
      columns
        .map((column, index) => {
          const value = values[index] ?? { type: 'null' };
          return `${indent}${index === 0 ? '- ' : '  '}${yamlText(column)}: ${yamlValue(value)}${eol}`;
        })
        .join(''),
    )
    .join('');
}

/** Rows as items of a flow sequence, on one line. */
export function yamlFlowRows(rows: readonly NamedRow[]): string {
  return rows
    .map(({ columns, values }) => {
      const cells = columns.map((column, index) => {
        // Quoted, so that a colon without a space after it, or an indicator, needs no thought.
        return `${quoteText(column)}: ${yamlValue(values[index] ?? { type: 'null' })}`;
      });
      return `{ ${cells.join(', ')} }`;
    })
    .join(', ');
}

export function jsonTable(table: string, rows: readonly NamedRow[]): string {
  return rows.length === 0 ? `${quoteText(table)}: []` : `${quoteText(table)}: [\n${jsonRows(rows)}\n  ]`;
}

export function jsonRows(rows: readonly NamedRow[]): string {
  return rows
    .map(({ columns, values }) => {
      const cells = columns.map((column, index) => {
        return `      ${quoteText(column)}: ${jsonValue(values[index] ?? { type: 'null' })}`;
      });
      return `    {\n${cells.join(',\n')}\n    }`;
    })
    .join(',\n');
}

function yamlValue(value: ConfigValue): string {
  if (value.type === 'text') return yamlText(value.text);
  if (value.type === 'blob') return `!!binary "${Buffer.from(value.hex, 'hex').toString('base64')}"`;
  if (value.type === 'real' && value.digits.endsWith('Infinity')) return value.digits.replace('Infinity', '.inf');
  return jsonValue(value);
}

function jsonValue(value: ConfigValue): string {
  switch (value.type) {
    case 'null':
      return 'null';
    case 'integer':
      return value.digits;
    case 'real':
      return value.digits.endsWith('Infinity') ? tagged(tags.real, value.digits) : value.digits;
    case 'text':
      return quoteText(value.text);
    case 'bytes':
      return tagged(tags[value.encoding], value.hex);
    case 'blob':
      return tagged(tags.blob, value.hex);
    case 'foreign':
      throw new TypeError('A legacy cell is always a value of SQLite.');
  }
}

function tagged(tag: string, content: string): string {
  return `{ "${tag}": "${content}" }`;
}

/** Words that some version of YAML takes for something else than text. */
const reservedWords = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf)$/i;

/** Text without quotes only where no reader, old or new, can take it for anything else. */
function yamlText(text: string): string {
  const isPlain = text.length <= 200 && /^[A-Za-z_][A-Za-z0-9_]*(?:[ ./-][A-Za-z0-9_]+)*$/.test(text);
  return isPlain && !reservedWords.test(text) ? text : quoteText(text);
}

/** A string of JSON, which is one of YAML too; what an editor hides is escaped. */
function quoteText(text: string): string {
  return JSON.stringify(text).replace(hidden, escapeCharacter);
}

/** A name inside a comment: it must not end the line. */
function visible(name: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return name.replace(/[\u0000-\u001f]/g, escapeCharacter).replace(hidden, escapeCharacter);
}

const hidden =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
