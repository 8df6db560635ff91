/**
 * What grows with the rows must not grow with their square: of all tables that a statement of a run joins, only the
 * outermost is read from end to end. A planner that has no statistics guesses, and once guessed wrong by minutes.
 */
import assert from 'node:assert/strict';
import { makeSample } from '../../../../scripts/sample/make-sample';
import type { RunMode } from '../../../../src/core/report/model';
import type { SqliteConnection } from '../../../../src/core/sqlite/engine';
import { createHandlers } from '../../../../src/engine/handlers';
import { machinePorts } from '../../../../src/engine/machine';
import { withFolder } from '../../../support/folders';
import { inspecting } from '../../../support/inspecting-engine';
import { silent, wasmPath } from '../../../support/workspace';

describe('query plans', function () {
  this.timeout(120_000);

  it('no statement of a run reads one table from end to end for each row of another', () =>
    withFolder(async (folder) => {
      await makeSample(folder, { fill: true });
      const nested = new Set<string>();
      let inspected = 0;
      const ports = machinePorts(wasmPath);
      const handlers = createHandlers({
        ...ports,
        loadEngine: async () =>
          inspecting(await ports.loadEngine(), (all, sql) => {
            inspected++;
            for (const loops of nestedScans(all, sql)) nested.add(`${loops}\n    ${sql}`);
          }),
      });
      const run = async (mode: RunMode): Promise<void> => {
        const { report } = await handlers['migration.run'](
          {
            workspace: folder,
            dataFolder: 'data',
            mode,
            domains: ['core', 'analytics', 'cache'],
            applicationStopped: true,
          },
          silent,
        );
        assert.equal(report.error, null);
      };
      await run('migrate');
      await run('dryRun');
      await run('validate');
      assert.ok(inspected > 5000, `${inspected} statements were inspected`);
      assert.deepEqual([...nested], []);
    }));
});

/** The loops of a statement in which a table inside another loop is scanned. */
function nestedScans(all: SqliteConnection['all'], sql: string): readonly string[] {
  if (!/^(?:SELECT|INSERT|UPDATE|DELETE)\b/.test(sql) || /;\s*\S/.test(sql)) return [];
  const loops = new Map<unknown, string[]>();
  for (const { parent, detail } of all(`EXPLAIN QUERY PLAN ${sql}`)) {
    if (/^(?:SCAN|SEARCH) /.test(String(detail))) loops.set(parent, [...(loops.get(parent) ?? []), String(detail)]);
  }
  return [...loops.values()]
    .filter(([, ...inner]) =>
      inner.some((detail) => detail.startsWith('SCAN ') && !/VIRTUAL TABLE|CONSTANT ROW/.test(detail)),
    )
    .map((details) => details.join(' / '));
}
