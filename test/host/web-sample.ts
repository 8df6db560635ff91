/** What the web suite looks at: the small sample, with what there is to see besides. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';
import { leaveLog } from '../support/leave-log';
import { create } from '../support/sqlite';

export const lastRun = '20260131_120000';

export async function makeWebSample(workspace: string): Promise<void> {
  await makeSample(workspace, { all: false });
  const data = join(workspace, 'data');
  await leaveLog(
    join(data, 'llm_costs.db'),
    `INSERT INTO llm_usage (timestamp, provider, model, input_tokens, output_tokens, cost_usd, success)
     VALUES ('2026-02-01T00:00:00Z', 'local', 'only-in-the-log', 1, 2, 0.5, 1)`,
  );
  await create(
    join(data, 'slow.db'),
    `CREATE TABLE n (i INTEGER PRIMARY KEY);
     WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 3000) INSERT INTO n SELECT i FROM k;
     CREATE VIEW slow AS SELECT count(*) AS c FROM n AS a, n AS b, n AS c WHERE a.i + b.i = c.i + 1`,
  );
  // Its log lies where the link leads.
  const elsewhere = join(workspace, 'elsewhere', 'linked.db');
  await mkdir(join(workspace, 'elsewhere'));
  await create(elsewhere, 'CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  await leaveLog(elsewhere, 'INSERT INTO t VALUES (2)');
  await symlink(elsewhere, join(data, 'linked.db'));
  const run = join(data, 'backups', lastRun);
  await mkdir(run, { recursive: true });
  await writeFile(join(run, 'MIGRATION-REPORT.md'), `# Migration Report \`${lastRun}\`\n\n✓ **Committed.**\n`);
}
