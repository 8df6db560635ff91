/** What all items of the tree have in common. */
import * as vscode from 'vscode';
import { markUri } from './standing-marks';
import type { TreeNode } from './nodes';

export interface ItemLook {
  readonly label: string;
  readonly description?: string;
  readonly state: vscode.TreeItemCollapsibleState;
  readonly icon: vscode.ThemeIcon;
  readonly context: string;
  readonly tooltip?: vscode.MarkdownString;
  /** The state that the row is marked with. */
  readonly mark?: string | null;
  readonly command?: vscode.Command;
  /** What a screen reader says instead of label and description. */
  readonly spoken: string;
}

export function makeItem(node: TreeNode, look: ItemLook): vscode.TreeItem {
  const result = new vscode.TreeItem(look.label, look.state);
  result.id = node.id;
  result.iconPath = look.icon;
  result.contextValue = look.context;
  result.accessibilityInformation = { label: look.spoken };
  if (look.description !== undefined) result.description = look.description;
  if (look.mark != null) result.resourceUri = markUri(node.id, look.mark);
  if (look.command !== undefined) result.command = look.command;
  if (look.tooltip !== undefined) result.tooltip = look.tooltip;
  return result;
}

/** Names and messages are data: they are escaped, and the string is not trusted, so no command can hide in one. */
export function factSheet(
  title: string,
  lines: readonly (readonly [string, string])[],
  paragraphs: readonly (string | null)[],
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  if (title !== '') appendWords(text.appendMarkdown('**'), title).appendMarkdown('**');
  for (const [name, value] of lines) appendWords(text.appendMarkdown('  \n'), `${name}: ${value}`);
  for (const paragraph of paragraphs) if (paragraph !== null) appendWords(text.appendMarkdown('\n\n'), paragraph);
  return text;
}

/** Paragraphs of lines, with the same care. */
export function linesOfText(paragraphs: readonly (readonly string[])[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  for (const [paragraph, lines] of paragraphs.entries())
    for (const [line, words] of lines.entries()) {
      if (line > 0) text.appendMarkdown('  \n');
      else if (paragraph > 0) text.appendMarkdown('\n\n');
      appendWords(text, words);
    }
  return text;
}

/** Word by word: `appendText` makes every space one that does not break, and a sentence then breaks inside its words. */
function appendWords(text: vscode.MarkdownString, words: string): vscode.MarkdownString {
  for (const [index, word] of words.split(' ').entries()) {
    if (index > 0) text.appendMarkdown(' ');
    text.appendText(word);
  }
  return text;
}
