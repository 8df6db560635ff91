/** Invariant 11 where it is easily forgotten: VS Code makes links of names in titles, progress and messages alike. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..', '..', 'src');
const sources = ['shell', 'web'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), 'utf8') })),
);

/** The arguments of a call, up to the parenthesis that closes it. */
function argumentsAt(text: string, start: number): string {
  let depth = 1;
  let end = start;
  for (; depth > 0 && end < text.length; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
  return text.slice(start, end);
}

describe('X2: every notification is inert', () => {
  it('progress is shown in one way', () => {
    const files = sources.filter(({ text }) => text.includes('ProgressLocation.Notification')).map(({ file }) => file);
    assert.deepEqual(files, ['shell/in-notification.ts']);
  });

  it('a message is made inert, is a dialog, which knows no links, or has no name in it', () => {
    const calls = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/show(?:Information|Warning|Error)Message\(/g)].map(({ index, 0: { length } }) => ({
        file,
        given: argumentsAt(text, index + length),
      })),
    );
    assert.ok(calls.length > 5);
    const open = calls.filter(({ given }) => !/inertMessage\(|modal: true|^vscode\.l10n\.t\('[^'{]*'\)/.test(given));
    assert.deepEqual(open, []);
  });
});
