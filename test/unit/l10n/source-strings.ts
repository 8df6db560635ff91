/** The strings of the source, read by TypeScript's own parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface SourceString {
  readonly text: string;
  /** Where it stands, as a compiler would say it. */
  readonly place: string;
}

export interface SourceStrings {
  /** First arguments of `vscode.l10n.t`. */
  readonly translated: readonly SourceString[];
  /** Calls of it whose text is made up at run time: no translation can be looked up by it. */
  readonly computed: readonly SourceString[];
  /** What reads like words for a person, and is in no such call. */
  readonly bare: readonly SourceString[];
}

/** @param folders below `root`, each with all its `.ts` files */
export function readSourceStrings(root: string, folders: readonly string[]): SourceStrings {
  const found = { translated: [], computed: [], bare: [] } satisfies Record<string, SourceString[]>;
  for (const file of folders.flatMap((folder) => listSources(root, folder))) {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    visit(source, source, found);
  }
  return found;
}

function listSources(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
    .sort();
}

function visit(node: ts.Node, source: ts.SourceFile, found: Record<keyof SourceStrings, SourceString[]>): void {
  const locate = (text: string): SourceString => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    return { text, place: `${source.fileName}:${line + 1}` };
  };
  if (ts.isCallExpression(node) && isTranslation(node.expression)) {
    const [text, ...values] = node.arguments;
    if (text !== undefined && ts.isStringLiteralLike(text)) found.translated.push(locate(text.text));
    else found.computed.push(locate(node.getText(source)));
    // What is filled in may be words of its own.
    for (const value of values) visit(value, source, found);
    return;
  }
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || isLogging(node) || isEnglish(node, source)) return;
  if (ts.isStringLiteralLike(node) && isProse(node.text)) found.bare.push(locate(node.text));
  if (ts.isTemplateExpression(node)) {
    const text = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('{}');
    if (isProse(text)) found.bare.push(locate(text));
  }
  ts.forEachChild(node, (child) => visit(child, source, found));
}

function isTranslation(called: ts.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(called) &&
    called.name.text === 't' &&
    ts.isPropertyAccessExpression(called.expression) &&
    called.expression.name.text === 'l10n'
  );
}

/** The log is in English, as what the engine writes into it is. */
function isLogging(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /\blog\.(trace|debug|info|warn|error)$/.test(node.expression.getText());
}

/**
 * Errors of modules that do without `vscode` are worded like those of the core, which knows no language but English; an
 * `internal` one is for whoever repairs it.
 */
function isEnglish(node: ts.Node, source: ts.SourceFile): boolean {
  if (!ts.isNewExpression(node) || !node.expression.getText(source).endsWith('Error')) return false;
  const code = node.arguments?.[0];
  return (
    !source.text.includes(" from 'vscode'") ||
    (code !== undefined && ts.isStringLiteral(code) && code.text === 'internal')
  );
}

/** Two words with a space between, the first with a capital or the last with a full stop; no markup and no SQL. */
function isProse(text: string): boolean {
  // A name is the same in every language.
  if (/^Jarvis Databases( engine)?$/.test(text)) return false;
  return /[a-z] [A-Za-z{]/.test(text) && (/^[^\w<]*[A-Z]/.test(text) || /[.!?…]\s*$/.test(text));
}
