/** What users read can be read in German too, all of it: no text, key or place for a value is missing or left over. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findLocalizedStrings, placesOf, sourcesBelow } from '../support/localized-strings';

const root = resolve(__dirname, '..', '..');
type Texts = Readonly<Record<string, string>>;
const readTexts = async (name: string): Promise<Texts> => JSON.parse(await readFile(join(root, name), 'utf8')) as Texts;

/** @param wanted the keys, each with the English text @returns one line for each thing that is wrong */
function compare(wanted: ReadonlyMap<string, string>, translated: Texts, name: string): string[] {
  const missing = [...wanted.keys()].filter((key) => !Object.hasOwn(translated, key));
  const left = Object.keys(translated).filter((key) => !wanted.has(key));
  const unlike = [...wanted].filter(([key, text]) => {
    const translation = translated[key];
    return translation !== undefined && placesOf(translation).join() !== placesOf(text).join();
  });
  const empty = Object.entries(translated).filter(([, text]) => text.trim() === '');
  return [
    ...missing.map((key) => `${name} lacks ${JSON.stringify(key)}`),
    ...left.map((key) => `${name} has ${JSON.stringify(key)}, which nothing asks for`),
    ...unlike.map(([key, text]) => `${name}: ${JSON.stringify(key)} needs ${placesOf(text).join(' ') || 'no place'}`),
    ...empty.map(([key]) => `${name}: ${JSON.stringify(key)} is empty`),
  ];
}

describe('localization', () => {
  it('finds every text that is looked up, and refuses one that nobody could translate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jarvis-l10n-'));
    try {
      const file = join(folder, 'sample.ts');
      await writeFile(file, `l10n.t(\`a "b" {0}\`, 1); vscode.l10n.t(x ? 'c' : 'd'); other.t('e'); // l10n.t('f')`);
      const found = await findLocalizedStrings(await sourcesBelow(folder));
      assert.deepEqual(
        found.map(({ key, places }) => [key, ...places]),
        [['a "b" {0}', '{0}'], ['c'], ['d']],
      );
      await writeFile(file, 'vscode.l10n.t(`a ${b}`)');
      await assert.rejects(findLocalizedStrings([file]), /is not a literal/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("has each of the shell's texts in German, with the same places for values", async () => {
    const sources = [join(root, 'src', 'extension.ts'), ...(await sourcesBelow(join(root, 'src', 'shell')))];
    const found = await findLocalizedStrings(sources);
    assert.ok(found.length > 200, `${found.length} texts`);
    const bundle = await readTexts('l10n/bundle.l10n.de.json');
    const wanted = new Map(found.map(({ key }) => [key, key]));
    assert.deepEqual(compare(wanted, bundle, 'l10n/bundle.l10n.de.json'), []);
  });

  it("has each of the manifest's texts in both languages, and each that it names", async () => {
    const [manifest, english, german] = await Promise.all([
      readFile(join(root, 'package.json'), 'utf8'),
      readTexts('package.nls.json'),
      readTexts('package.nls.de.json'),
    ]);
    assert.equal((JSON.parse(manifest) as { l10n: unknown }).l10n, './l10n');
    const named = [...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key = '']) => [key, ''] as const);
    assert.deepEqual(compare(new Map(named), english, 'package.nls.json'), []);
    assert.deepEqual(compare(new Map(Object.entries(english)), german, 'package.nls.de.json'), []);
  });

  it('leaves commands and settings in a German text what they are', async () => {
    const [english, german] = await Promise.all([readTexts('package.nls.json'), readTexts('package.nls.de.json')]);
    const links = (text: string): readonly string[] =>
      [...text.matchAll(/\]\(([^)]+)\)|`([^`]+)`/g)].map(([link]) => link);
    for (const [key, text] of Object.entries(english)) assert.deepEqual(links(german[key] ?? ''), links(text), key);
  });

  it('says what is missing, left over or unlike', () => {
    const wanted = new Map([
      ['a {0}', 'a {0}'],
      ['b', 'b'],
    ]);
    assert.deepEqual(compare(wanted, { 'a {0}': 'ä', c: 'c' }, 'de.json'), [
      'de.json lacks "b"',
      'de.json has "c", which nothing asks for',
      'de.json: "a {0}" needs {0}',
    ]);
  });
});
