/** P5: a person confirms what a dry run showed; where plan or databases are others by then, nothing is written. */
import assert from 'node:assert/strict';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printPlan } from '../../../../src/core/plan/print-plan';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import type { RunParams, RunResult } from '../../../../src/engine/protocol';
import { confirmedBy } from '../../../../src/shell/run-summary';
import { hashTree, pick } from '../../../support/folders';
import { handlers, pathsOf, silent, withSample } from '../../../support/workspace';

const plan = (workspace: string): string => join(workspace, 'jarvis.plan.json');
const text = printPlan(jarvisPlan('data'));
const spare = (workspace: string): string => join(workspace, 'spare.db');

function ask(workspace: string, params: Pick<RunParams, 'mode' | 'expected'>): Promise<RunResult> {
  const place = { workspace, dataFolder: 'data', domains: ['analytics'], applicationStopped: true } as const;
  return handlers['migration.run']({ ...place, ...params }, silent);
}

describe('P5: between the dry run and its confirmation', function () {
  this.timeout(60_000);

  const changes: readonly {
    readonly what: string;
    readonly before?: (workspace: string) => Promise<void>;
    readonly change: (workspace: string) => Promise<void>;
    readonly path: string;
    readonly says: RegExp;
  }[] = [
    {
      what: 'the plan file is edited',
      before: (w) => writeFile(plan(w), text),
      change: (w) => writeFile(plan(w), text.replace('"sidecar"', '"drop"')),
      path: 'jarvis.plan.json',
      says: /^The plan jarvis\.plan\.json changed since the dry run/,
    },
    {
      what: 'a plan file takes the place of the built-in plan',
      change: (w) => writeFile(plan(w), text),
      path: 'jarvis.plan.json',
      says: /^The plan jarvis\.plan\.json changed/,
    },
    {
      what: 'the plan file is removed, so that the built-in plan would be in force',
      before: (w) => writeFile(plan(w), text),
      change: (w) => rm(plan(w)),
      path: 'jarvis.plan.json',
      says: /^The plan jarvis\.plan\.json changed/,
    },
    {
      what: 'a legacy database is removed',
      change: (w) => rm(pathsOf(w).metrics),
      path: 'data/metrics.db',
      says: /^data\/metrics\.db changed/,
    },
    {
      what: 'a legacy database comes back',
      before: (w) => rename(pathsOf(w).metrics, spare(w)),
      change: (w) => copyFile(spare(w), pathsOf(w).metrics),
      path: 'data/metrics.db',
      says: /^data\/metrics\.db has appeared/,
    },
  ];
  for (const { what, before, change, path, says } of changes) {
    it(`${what}: refused, and no file is touched`, () =>
      withSample(async (workspace) => {
        await before?.(workspace);
        const rehearsal = await ask(workspace, { mode: 'dryRun' });
        assert.equal(rehearsal.report.outcome, 'committed', rehearsal.report.error?.message);
        await change(workspace);
        const stood = await hashTree(workspace);
        const { report } = await ask(workspace, { mode: 'migrate', expected: confirmedBy(rehearsal) });
        assert.deepEqual([report.outcome, report.error?.code, report.error?.path], ['refused', 'changed-since', path]);
        assert.match(report.error?.message ?? '', says);
        assert.deepEqual(
          pick(await hashTree(workspace), (name) => !name.startsWith('data/backups/')),
          stood,
        );
      }));
  }

  it('a plan file that is only written again is the plan that was confirmed', () =>
    withSample(async (workspace) => {
      await writeFile(plan(workspace), text);
      const rehearsal = await ask(workspace, { mode: 'dryRun' });
      await writeFile(plan(workspace), text);
      const { report } = await ask(workspace, { mode: 'migrate', expected: confirmedBy(rehearsal) });
      assert.equal(report.outcome, 'committed', report.error?.message);
    }));
});
