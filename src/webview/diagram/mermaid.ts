/** A diagram as text of Mermaid's entity relationship diagrams, https://mermaid.js.org/syntax/entityRelationshipDiagram.html. */
import type { DatabaseDiagram, DiagramTable } from '../../core/browse/diagram';

/** Names and types are data: none of their characters ends what they stand in. */
export function mermaidOf({ tables }: DatabaseDiagram): string {
  const ids = new Map(tables.map(({ name }, index) => [name, `t${index}`]));
  const lines = ['erDiagram'];
  for (const table of tables) lines.push(...entity(table, ids.get(table.name) ?? ''));
  const missing = new Map<string, string>();
  for (const { name, references } of tables) {
    for (const reference of references) {
      let parent = reference.missing ? missing.get(reference.table) : ids.get(reference.table);
      if (parent === undefined) {
        parent = `m${missing.size}`;
        missing.set(reference.table, parent);
        lines.push(`  ${parent}["${label(`${reference.table} ?`)}"]`);
      }
      const columns = reference.columns.map(({ child }) => child).join(', ');
      lines.push(`  ${ids.get(name) ?? ''} }o--|| ${parent} : "${label(columns)}"`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function entity({ name, columns, references }: DiagramTable, id: string): readonly string[] {
  const title = `  ${id}["${label(name)}"]`;
  if (columns.length === 0) return [title];
  const foreign = new Set(references.flatMap((reference) => reference.columns.map(({ child }) => child.toLowerCase())));
  const rows = columns.map((column) => {
    const keys = [...(column.primary ? ['PK'] : []), ...(foreign.has(column.name.toLowerCase()) ? ['FK'] : [])];
    const key = keys.length === 0 ? '' : ` ${keys.join(', ')}`;
    const type = word(column.type === '' ? 'any' : column.type);
    const plain = word(column.name);
    // An attribute's name is a word; the name itself goes into the comment where it is none.
    return `    ${type} ${plain}${key}${plain === column.name ? '' : ` "${label(column.name)}"`}`;
  });
  return [`${title} {`, ...rows, '  }'];
}

function word(text: string): string {
  const kept = text.replace(/[^\p{L}\p{N}_]+/gu, '_').replace(/^_+|_+$/g, '');
  return /^\p{L}/u.test(kept) ? kept : `_${kept}`;
}

/** Inside double quotes; whatever is no letter, digit, blank or underscore stands as an entity of its code point. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
