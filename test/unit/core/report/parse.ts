/** A second opinion on our Markdown: marked parses it as GFM with autolinks, as GitHub and most previews do. */
import { marked, type Token, type Tokens } from 'marked';

export interface ParsedMarkdown {
  /** Links, images and HTML, each with its source: our reports have none. */
  readonly active: readonly string[];
  /** Cells per row of each table, the head included. */
  readonly tables: readonly (readonly number[])[];
  readonly headings: readonly string[];
  readonly listItems: number;
  readonly codeSpans: readonly string[];
  readonly fences: readonly { readonly lang: string; readonly text: string }[];
}

export function parseMarkdown(markdown: string): ParsedMarkdown {
  const tokens: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => void tokens.push(token));
  const of = <T extends Token>(type: string): T[] => tokens.filter((token) => token.type === type) as T[];
  return {
    active: tokens.filter((token) => ['link', 'image', 'html', 'def'].includes(token.type)).map((token) => token.raw),
    tables: of<Tokens.Table>('table').map((t) => [t.header.length, ...t.rows.map((row) => row.length)]),
    headings: of<Tokens.Heading>('heading').map((heading) => heading.text),
    listItems: of('list_item').length,
    codeSpans: of<Tokens.Codespan>('codespan').map((span) => span.text),
    fences: of<Tokens.Code>('code').map((fence) => ({ lang: fence.lang ?? '', text: fence.text })),
  };
}
