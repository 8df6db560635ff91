/** Any rows that the legacy tables can hold: migrated, compared by SQL of the test's own, and spoiled again. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { jarvisAnalyticsSchema } from '../../../../scripts/sample/schemas/jarvis-analytics';
import { llmCostsSchema } from '../../../../scripts/sample/schemas/llm-costs';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { withFolder } from '../../../support/folders';
import { migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, create, edit, exactRows, loadSql, quoted, withDatabase } from '../../../support/sqlite';
import { usageMapping as mapping, usageResidual as residual } from '../../../support/usage-mapping';

/** SQL literals of any storage class; the column's affinity has its say when they are stored. */
const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => `x'${Buffer.from(array).toString('hex')}'`);
const integers = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    fc.constantFrom(0n, 1n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n),
  )
  .map(String);
const reals = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
  fc.constantFrom('1.0', '-0.0', '0.5', '9e999', '-9e999'),
);
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`),
  bytes.map((blob) => `CAST(${blob} AS TEXT)`),
  fc.constantFrom("'007'", "'1e3'", "' 5 '", "'12 tokens'", "''", "'Infinity'"),
);
const anything = fc.oneof(integers, reals, texts, bytes);
const orNull = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant('NULL') });

const usage = fc.record({
  timestamp: anything,
  provider: anything,
  model: anything,
  input_tokens: fc.oneof({ weight: 5, arbitrary: fc.nat(9000).map(String) }, { weight: 2, arbitrary: anything }),
  output_tokens: fc.oneof({ weight: 5, arbitrary: fc.nat(9000).map(String) }, { weight: 2, arbitrary: anything }),
  cost_usd: anything,
  latency_ms: orNull(anything),
  success: anything,
  error: orNull(anything),
  metadata: orNull(anything),
  created_at: orNull(anything),
});
const stats = fc.record({
  date: anything,
  provider: anything,
  model: anything,
  total_requests: anything,
  successful_requests: anything,
  total_input_tokens: anything,
  total_output_tokens: anything,
  total_cost_usd: anything,
  avg_latency_ms: orNull(anything),
});
const rowsOf = <T>(row: fc.Arbitrary<T>): fc.Arbitrary<readonly (readonly [string, T])[]> =>
  fc.uniqueArray(fc.tuple(integers, row), { selector: ([id]) => id, maxLength: 12 });

const inserts = (table: string, rows: readonly (readonly [string, Readonly<Record<string, string>>])[]): string =>
  rows
    .map(
      ([id, row]) =>
        `INSERT OR IGNORE INTO ${table} (id, ${Object.keys(row).join(', ')}) VALUES (${id}, ${Object.values(row).join(', ')});`,
    )
    .join('\n');

const steps = jarvisPlan('.').steps.slice(0, 2);
const statsColumns = [
  'id',
  'date',
  'provider',
  'model',
  'total_requests',
  'successful_requests',
  'total_input_tokens',
  'total_output_tokens',
  'total_cost_usd',
  'avg_latency_ms',
];

describe('any rows of llm_usage and llm_daily_stats', function () {
  this.timeout(160_000);
  let emptyTarget: Uint8Array;

  before(async () => {
    const SQL = await loadSql();
    const database = new SQL.Database();
    database.run(jarvisAnalyticsSchema);
    emptyTarget = database.export();
    database.close();
  });

  it('arrive equal in value and storage class, once; and a single cell spoiled afterwards makes the validation fail', () =>
    fc.assert(
      fc.asyncProperty(
        rowsOf(usage),
        rowsOf(stats),
        fc.nat(),
        fc.nat(),
        anything,
        async (calls, days, where, which, spoiled) =>
          withFolder(async (folder) => {
            const legacy = join(folder, 'llm_costs.db');
            const target = join(folder, 'jarvis_analytics.db');
            await create(legacy, `${llmCostsSchema}${inserts('llm_usage', calls)}${inserts('llm_daily_stats', days)}`);
            await writeFile(target, emptyTarget);

            // A sum that the INTEGER column would store otherwise (1.5 + 0.5 as 2) must be flagged, not stored.
            const rewritten = await withDatabase(legacy, (database) => {
              database.run(
                'CREATE TEMP TABLE sums (v, i INTEGER); INSERT INTO sums SELECT input_tokens + output_tokens, input_tokens + output_tokens FROM llm_usage',
              );
              return Number(database.exec('SELECT count(*) FROM sums WHERE typeof(v) <> typeof(i)')[0]?.values[0]?.[0]);
            });
            const first = await migratePlan(folder, steps);
            if (rewritten > 0) {
              assert.equal(first.failure?.code, 'rejected-rows');
              assert.equal(first.steps[0]?.rejected, rewritten);
              const collected = await migratePlan(folder, steps, { rejects: 'collect' });
              assert.equal(collected.failure, null, collected.failure?.message);
              assert.deepEqual(
                [collected.steps[0]?.inserted, collected.steps[0]?.rejected, collected.steps[0]?.validation.cells],
                [(collected.steps[0]?.legacy.rows ?? 0) - rewritten, rewritten, 'passed'],
              );
              return;
            }
            assert.equal(first.failure, null, first.failure?.message);
            assert.deepEqual(
              await exactRows(target, 'llm_costs', Object.keys(mapping)),
              await exactRows(legacy, 'llm_usage', Object.values(mapping)),
            );
            const rows = Number(await cell(legacy, 'SELECT count(*) FROM llm_usage'));
            if (rows > 0)
              assert.deepEqual(
                await exactRows(target, 'legacy_llm_usage', residual),
                await exactRows(legacy, 'llm_usage', residual),
              );
            assert.deepEqual(
              await exactRows(target, 'llm_daily_stats', statsColumns),
              await exactRows(legacy, 'llm_daily_stats', statsColumns),
            );

            const second = await migratePlan(folder, steps);
            assert.equal(second.failure, null, second.failure?.message);
            assert.equal(second.successors.length, 0);
            assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);

            // One cell of any migrated row, set to anything else that the table takes.
            const places = [
              ...Object.keys(mapping).map((column) => ['llm_costs', column] as const),
              ...(rows > 0 ? residual.map((column) => ['legacy_llm_usage', column] as const) : []),
              ...statsColumns.map((column) => ['llm_daily_stats', column] as const),
            ];
            const [table, column] = places[which % places.length] ?? places[0] ?? ['', ''];
            const held = Number(await cell(target, `SELECT count(*) FROM ${table}`));
            if (held === 0) return;
            const stood = await exactRows(target, table, [quoted(column)]);
            try {
              await edit(
                target,
                `UPDATE ${table} SET ${column} = ${spoiled} WHERE id = (SELECT id FROM ${table} ORDER BY id LIMIT 1 OFFSET ${where % held})`,
              );
            } catch {
              return; // The table does not take that value there.
            }
            const differs = JSON.stringify(await exactRows(target, table, [quoted(column)])) !== JSON.stringify(stood);
            const looked = await rehearsePlan(folder, steps, { intent: 'look' });
            assert.equal(looked.failure?.code ?? null, differs ? 'validation-failed' : null);
          }),
      ),
      { numRuns: Number(process.env['FC_RUNS'] ?? 15) },
    ));
});
