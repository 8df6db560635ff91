/** The strings that the shell shows in the user's language, as TypeScript's parser finds them in the source. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

export interface LocalizedString {
  /** As VS Code looks it up in a bundle: the English text, with `/` and the comment where there is one. */
  readonly key: string;
  /** `{0}` and its like. */
  readonly places: readonly string[];
  readonly file: string;
}

/** The places for values in a text, sorted, each once. */
export function placesOf(text: string): readonly string[] {
  return [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();
}

/**
 * @param files TypeScript sources
 * @throws Error where the text of a call is not a literal: nobody could translate it
 */
export async function findLocalizedStrings(files: readonly string[]): Promise<LocalizedString[]> {
  const found: LocalizedString[] = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && isLocalizing(node.expression)) {
        const [text] = node.arguments;
        if (text === undefined) throw new Error(`${file}: l10n.t() without a text`);
        for (const key of literalsOf(text, file)) found.push({ key, places: placesOf(key), file });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** The TypeScript sources below a folder. */
export async function sourcesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

function isLocalizing(callee: ts.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(callee) && callee.name.text === 't' && /(^|\.)l10n$/.test(callee.expression.getText())
  );
}

/** Both branches of a condition count; anything that is put together at run time is refused. */
function literalsOf(text: ts.Expression, file: string): readonly string[] {
  if (ts.isStringLiteralLike(text)) return [text.text];
  if (ts.isParenthesizedExpression(text)) return literalsOf(text.expression, file);
  if (ts.isConditionalExpression(text))
    return [...literalsOf(text.whenTrue, file), ...literalsOf(text.whenFalse, file)];
  throw new Error(`${file}: l10n.t(${text.getText()}) cannot be translated: its text is not a literal`);
}
