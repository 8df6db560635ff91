/** The SQL of a schema without what only its layout says. */

/** A quoted name or text, a comment, a run of white space, or any other character. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|\s+|[^]/g;

/**
 * The same for two statements that differ in white space only. What is quoted, and comments, stay as they are.
 *
 * Only for comparing: `a , b` becomes `a,b`.
 */
export function normaliseSql(sql: string): string {
  let result = '';
  let space = false;
  for (const [part] of sql.matchAll(token)) {
    if (/^\s/.test(part)) {
      space = true;
      continue;
    }
    const apart = space && result !== '' && !/[(,)\n]$/.test(result) && !/^[(,)]/.test(part);
    result += apart ? ` ${part}` : part;
    space = false;
  }
  return result;
}
