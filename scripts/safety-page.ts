/** `npm run docs:safety`: writes `docs/safety.md`, and fails where a case is without a test. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeSafetyPage } from './safety/page';

async function main(): Promise<void> {
  const { text, faults } = await makeSafetyPage(resolve());
  await writeFile(resolve('docs', 'safety.md'), text);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

void main();
