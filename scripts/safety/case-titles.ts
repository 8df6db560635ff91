/** Which safety cases a test file names: the ids at the beginning of its titles. */
import ts from 'typescript';

export interface NamedTest {
  /** Every case that the title names. */
  readonly ids: readonly string[];
  /** Without the ids; what a template fills in is `…`. */
  readonly title: string;
}

/** `R1: …`, `P2, P3: …`, `V1 to V4: …`, `P16; predecessor: …`. */
const prefix = /^((?:[A-Z]\d{1,2})(?:(?:, | to )[A-Z]\d{1,2})*)[:;] (.+)$/s;

/**
 * Titles stand in `it` and `describe`, or in the tables that these are called for: every text of the file that begins
 * like one is taken.
 */
export function findCaseTitles(fileName: string, source: string): readonly NamedTest[] {
  const found: NamedTest[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    const match = text === null ? null : prefix.exec(text);
    if (match !== null) found.push({ ids: expand(match[1] ?? ''), title: (match[2] ?? '').replace(/\s+/g, ' ') });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest));
  return found;
}

function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

/** `V1 to V4` is V1, V2, V3, V4. */
function expand(ids: string): readonly string[] {
  return ids.split(', ').flatMap((part) => {
    const [from = '', to = from] = part.split(' to ');
    const first = Number(from.slice(1));
    const count = Number(to.slice(1)) - first + 1;
    return Array.from({ length: Math.max(count, 1) }, (_, index) => `${from.charAt(0)}${first + index}`);
  });
}
