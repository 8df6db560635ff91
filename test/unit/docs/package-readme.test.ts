/** The page of the package: what its readers can use, and nothing that leads nowhere. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readmeOfPackage } from '../../../scripts/package-readme';

const root = resolve(__dirname, '..', '..', '..');

describe('the page of the package', () => {
  it('has the sections for users, and no file and no step of a checkout', async () => {
    const readme = await readFile(resolve(root, 'README.md'), 'utf8');
    const page = readmeOfPackage(readme);
    assert.ok(readme.startsWith(page.slice(0, page.indexOf('\n## '))), 'does not begin as the README does');
    for (const heading of ['What it does', 'Commands', 'The command line', 'What it refuses, for now'])
      assert.ok(page.includes(`\n## ${heading}\n`), heading);
    assert.doesNotMatch(page, /\]\((?!https:|#)|npm (ci|test|start)|## For developers/);
    assert.ok(page.endsWith('\n\nMIT, the Jarvis Databases authors.\n'));
  });

  it('has a change log beside it that leads nowhere else either', async () => {
    assert.doesNotMatch(await readFile(resolve(root, 'CHANGELOG.md'), 'utf8'), /\]\((?!https:|#)/);
  });

  it('keeps what leads somewhere', () => {
    const text =
      '# A\n\nB.\n\n![C](c.png)\n\n## D\n\n[E](e.md) [F](https://f) ![G](https://g)\n\n## For developers\n\nH\n\nMIT\n';
    assert.equal(readmeOfPackage(text), '# A\n\nB.\n\n## D\n\nE [F](https://f) ![G](https://g)\n\nMIT\n');
    assert.throws(() => readmeOfPackage('# A\n\nB.\n'), /For developers/);
  });
});
