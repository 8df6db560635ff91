/** What the extension says can be said in another language, and German says all of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSourceStrings } from './source-strings';

type Texts = Readonly<Record<string, string>>;

const root = resolve(__dirname, '..', '..', '..');
const readTexts = (...path: readonly string[]): Texts => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as Texts;

describe('languages', () => {
  const { translated, computed, bare } = readSourceStrings(root, ['src/shell', 'src/web/host', 'src/webview']);

  it('nothing that a person reads stands in the source but for l10n.t', () => {
    const show = ({ place, text }: (typeof bare)[number]): string => `${place}: ${JSON.stringify(text)}`;
    assert.deepEqual(bare.map(show), []);
    assert.deepEqual(computed.map(show), []);
    // A reader that finds nothing would find nothing wrong.
    assert.ok(translated.length > 300);
  });

  it('the manifest says where the translations are', () => {
    const { l10n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly l10n?: string };
    assert.equal(l10n, './l10n');
  });

  it('package.nls.de.json says all of package.nls.json', () => {
    expectTranslated(readTexts('package.nls.json'), readTexts('package.nls.de.json'));
  });

  it('l10n/bundle.l10n.de.json says all that the source says', () => {
    const texts = Object.fromEntries(translated.map(({ text }) => [text, text]));
    expectTranslated(texts, readTexts('l10n', 'bundle.l10n.de.json'));
  });

  it('a command that a German text names in quotation marks has that title in German', () => {
    const german = readTexts('package.nls.de.json');
    const texts = [...Object.values(german), ...Object.values(readTexts('l10n', 'bundle.l10n.de.json'))];
    const named = texts.flatMap((text) => [...text.matchAll(/„Jarvis: ([^“]+)“/g)].map(([, title = '']) => title));
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((title) => !Object.values(german).includes(title)),
      [],
    );
  });
});

/** Fails with the list of what is missing, what is no longer said, and where a placeholder, an icon or a link differs. */
function expectTranslated(english: Texts, german: Texts): void {
  const missing = Object.keys(english).filter((key) => !Object.hasOwn(german, key));
  const unused = Object.keys(german).filter((key) => !Object.hasOwn(english, key));
  const different = Object.entries(english).filter(([key, text]) => {
    const translation = german[key];
    return translation !== undefined && (translation.trim() === '' || listFixed(text) !== listFixed(translation));
  });
  const problems = [
    ...missing.map((key) => `missing: ${JSON.stringify(key)}`),
    ...unused.map((key) => `no longer used: ${JSON.stringify(key)}`),
    ...different.map(([key]) => `other placeholders: ${JSON.stringify(key)}`),
  ];
  assert.deepEqual(problems, []);
}

/** What is the same in every language: placeholders, icons, targets of links, code. */
function listFixed(text: string): string {
  return [...text.matchAll(/\{\d\}|\$\([\w-]+\)|\]\([^)]+\)|`[^`]+`/g)]
    .map(([part]) => part)
    .sort()
    .join(' ');
}
