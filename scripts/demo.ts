/**
 * `npm run demo`: makes the sample Jarvis workspace and runs the main job on it with the built command line: a dry run,
 * the migration, a second run that finds nothing to do. Exits with 1 if any of them does not end as it must.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { reportFiles, type RunReport } from '../src/core/report/model';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const sample = join(root, 'sample');
const cli = join(root, 'dist', 'cli.js');

function migrate(...flags: readonly string[]): RunReport {
  const command = ['migrate', ...flags, '--json', '--workspace', sample];
  console.log(`\n$ jarvis-db ${command.slice(0, -2).join(' ')} --workspace ${relative(process.cwd(), sample)}\n`);
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...command], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  process.stdout.write(stderr);
  if (status !== 0) throw new Error(`jarvis-db ended with exit code ${String(status)}.`);
  return JSON.parse(stdout) as RunReport;
}

/** One hash over every file below the data folder but the backups. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(join(sample, 'data'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.startsWith('backups') || !name.endsWith('.db')) continue;
    hash.update(name).update(readFileSync(join(sample, 'data', name)));
  }
  return hash.digest('hex');
}

function expect(condition: boolean, claim: string): void {
  if (!condition) throw new Error(`This does not hold: ${claim}`);
  console.log(`✓ ${claim}`);
}

async function main(): Promise<void> {
  await makeSample(sample);
  console.log(`A sample Jarvis workspace is in ${sample}`);

  const untouched = fingerprint();
  const rehearsed = migrate('--dry-run');
  expect(fingerprint() === untouched && rehearsed.backup === null, 'the dry run wrote nothing');

  const migrated = migrate();
  const published = fingerprint();
  expect(migrated.outcome === 'committed', 'the migration was proved and published');

  const again = migrate();
  expect(
    again.outcome === 'nothingToDo' && fingerprint() === published,
    'the second run inserted no row and changed no byte',
  );

  console.log(
    `\nThe report of the migration: ${join(sample, ...(migrated.backup ?? '').split('/'), reportFiles.markdown)}`,
  );
  console.log('To see it in VS Code, with the tree of databases: npm start');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
