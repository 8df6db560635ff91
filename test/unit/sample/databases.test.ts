import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Database } from 'sql.js';
import { makeSample } from '../../../scripts/sample/make-sample.js';
import { query, readTree, withImage } from './helpers.js';

interface ObservedTable {
  /** Of a legacy table: the documented number of rows. */
  readonly rows?: number;
  /** Name, type, position in the primary key, NOT NULL and DEFAULT of each column, in order. */
  readonly columns: string;
}

interface ObservedDatabase {
  readonly journalMode: 'wal' | 'delete';
  readonly tables: Readonly<Record<string, ObservedTable>>;
}

/** What was seen at a real installation, written down independently of the sample's own SQL. */
const OBSERVED = JSON.parse(readFileSync(join(import.meta.dirname, 'observed-schemas.json'), 'utf8')) as Readonly<
  Record<string, ObservedDatabase>
>;

describe('the sample databases', () => {
  let folder: string;
  let files: ReadonlyMap<string, Buffer>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jarvis-sample-'));
    await makeSample(folder, { all: true });
    files = await readTree(folder);
  });

  after(() => rm(folder, { recursive: true }));

  for (const [path, observed] of Object.entries(OBSERVED)) {
    describe(path, () => {
      it(`says in its header that the journal mode is ${observed.journalMode}`, () => {
        const format = observed.journalMode === 'wal' ? 2 : 1;
        assert.deepEqual([...(files.get(path)?.subarray(18, 20) ?? [])], [format, format]);
        assert.ok(!files.has(`${path}-wal`) && !files.has(`${path}-shm`));
      });

      it('has every table and column of a real installation', () =>
        withImage(files.get(path), (database) => {
          const tables = query(database, TABLES).map(([name]) => String(name));
          assert.deepEqual(
            Object.fromEntries(tables.map((table) => [table, describeColumns(database, table)])),
            Object.fromEntries(Object.entries(observed.tables).map(([table, { columns }]) => [table, columns])),
          );
        }));

      for (const [table, { rows }] of Object.entries(observed.tables)) {
        if (rows === undefined) continue;
        it(`has the documented ${rows} rows in ${table}`, () =>
          withImage(files.get(path), (database) => {
            assert.deepEqual(query(database, `SELECT count(*) FROM ${table}`), [[rows]]);
          }));
      }

      it('is sound, and every reference finds its row', () =>
        withImage(files.get(path), (database) => {
          assert.deepEqual(query(database, 'PRAGMA integrity_check'), [['ok']]);
          assert.deepEqual(query(database, 'PRAGMA foreign_key_check'), []);
        }));
    });
  }

  it('holds the documented LLM call with its storage classes', () =>
    withImage(files.get('data/llm_costs.db'), (database) => {
      assert.deepEqual(
        query(
          database,
          `SELECT id, provider, model, input_tokens, output_tokens, cost_usd, timestamp,
             typeof(input_tokens), typeof(output_tokens), typeof(cost_usd), typeof(latency_ms), typeof(success),
             typeof(metadata)
           FROM llm_usage WHERE timestamp = '2026-01-24T01:09:04.119226+00:00'`,
        ),
        [
          [
            ...[1, 'groq', 'llama-3.3-70b-versatile', 100, 50, 9.9e-5, '2026-01-24T01:09:04.119226+00:00'],
            ...['integer', 'integer', 'real', 'real', 'integer', 'null'],
          ],
        ],
      );
    }));

  it('holds LLM calls of several kinds', () =>
    withImage(files.get('data/llm_costs.db'), (database) => {
      const count = (condition: string): unknown =>
        query(database, `SELECT count(*) FROM llm_usage WHERE ${condition}`)[0]?.[0];
      assert.equal(count('success = 0 AND error IS NOT NULL AND latency_ms IS NULL'), 3);
      assert.equal(count('success = 1 AND error IS NULL AND latency_ms IS NOT NULL'), 22);
      assert.equal(count('metadata IS NULL'), 9);
      assert.equal(count('metadata IS NOT NULL AND json_valid(metadata)'), 16);
      assert.equal(count("created_at NOT GLOB '????-??-?? ??:??:??'"), 0);
      assert.deepEqual(query(database, 'SELECT count(DISTINCT provider), count(DISTINCT model) FROM llm_usage'), [
        [4, 5],
      ]);
    }));

  it('remembers ids that are used up', () =>
    withImage(files.get('data/llm_costs.db'), (database) => {
      assert.deepEqual(query(database, "SELECT seq FROM sqlite_sequence WHERE name = 'budget_alerts'"), [[2]]);
    }));

  it('keeps integers that no double can hold', () =>
    withImage(files.get('data/treasury_trades.db'), (database) => {
      const types = query(database, 'SELECT DISTINCT typeof(amount_in), typeof(amount_out) FROM treasury_trades');
      assert.deepEqual(types, [['integer', 'integer']]);
      const lost = query(
        database,
        `SELECT count(*) FROM (SELECT max(amount_in, amount_out) AS amount FROM treasury_trades)
         WHERE CAST(CAST(amount AS REAL) AS INTEGER) <> amount`,
      );
      assert.ok(Number(lost[0]?.[0]) > 0);
    }));

  it('names full-text tables that this engine cannot open, with their shadow tables and triggers', () =>
    withImage(files.get('data/jarvis_memory.db'), (database) => {
      for (const name of ['facts_fts', 'reflections_fts']) {
        assert.deepEqual(
          query(database, `SELECT name FROM sqlite_master WHERE name GLOB '${name}*' AND type = 'table'`),
          [[name], ...['data', 'idx', 'docsize', 'config'].map((shadow) => [`${name}_${shadow}`])],
        );
        assert.deepEqual(query(database, `SELECT * FROM ${name}_config`), [['version', 4]]);
      }
      assert.deepEqual(
        query(database, "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"),
        ['facts_ad', 'facts_ai', 'facts_au', 'reflections_ad', 'reflections_ai'].map((name) => [name]),
      );
    }));

  it('holds what a consolidated table cannot take as it is', async () => {
    await withImage(files.get('data/jarvis.db'), (database) => {
      const count = (from: string): number => Number(query(database, `SELECT count(*) FROM ${from}`)[0]?.[0]);
      assert.ok(count("trades WHERE tx_signature = ''") > 1);
      assert.ok(count('trades WHERE user_id IS NULL') > 0);
      assert.ok(count('positions WHERE user_id IS NULL') > 0);
      assert.ok(count('positions WHERE user_id > 0') > 0);
      assert.equal(count("trades WHERE side NOT IN ('BUY', 'SELL')"), 0);
      assert.ok(count('trades WHERE position_id NOT IN (SELECT id FROM positions)') > 0);
      assert.ok(count('trades WHERE position_id IS NULL') > 0);
      assert.equal(count("scorecard WHERE last_updated = ''"), 1);
    });
    await withImage(files.get('data/jarvis_admin.db'), (database) => {
      const offenders = query(
        database,
        'SELECT user_id IS NULL, user_id IN (SELECT user_id FROM users) FROM mod_actions ORDER BY id',
      );
      assert.deepEqual(offenders, [
        [0, 1],
        [1, null],
        [0, 0],
      ]);
    });
  });

  it('has views that can be read', async () => {
    for (const path of ['data/jarvis_core.db', 'data/jarvis_analytics.db', 'data/jarvis_cache.db']) {
      await withImage(files.get(path), (database) => {
        const views = query(database, "SELECT name FROM sqlite_master WHERE type = 'view'");
        assert.equal(views.length, 2);
        for (const [view] of views) query(database, `SELECT * FROM ${String(view)}`);
      });
    }
  });

  it('has expired rows in the cache, which the first insert purges', () =>
    withImage(files.get('data/jarvis_cache.db'), (database) => {
      const count = (): unknown => query(database, 'SELECT count(*) FROM api_cache')[0]?.[0];
      assert.equal(count(), 2);
      database.run(
        "INSERT INTO api_cache (cache_key, api_name, response_data, expires_at) VALUES ('k', 'a', '', '2000-01-01')",
      );
      assert.equal(count(), 0);
    }));

  it('has rows of its own in the consolidated databases, user 0 among them', async () => {
    await withImage(files.get('data/jarvis_core.db'), (database) => {
      assert.deepEqual(query(database, 'SELECT user_id FROM users'), [[0]]);
    });
    await withImage(files.get('data/jarvis_analytics.db'), (database) => {
      assert.deepEqual(query(database, 'SELECT count(*) FROM llm_costs'), [[0]]);
      assert.deepEqual(query(database, 'SELECT count(*) FROM system_metrics'), [[12]]);
    });
  });
});

/** Ordinary tables, without those in which virtual ones keep things. */
const TABLES = `SELECT name FROM sqlite_master AS t
  WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND rootpage > 0 AND NOT EXISTS (
    SELECT * FROM sqlite_master AS v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND t.name GLOB v.name || '_*')
  ORDER BY rowid`;

function describeColumns(database: Database, table: string): string {
  return query(database, `SELECT name, type, pk, "notnull", dflt_value FROM pragma_table_info('${table}') ORDER BY cid`)
    .map(([name, type, key, notNull, defaultValue]) =>
      [
        `${String(name)} ${String(type)}`,
        ...(key === 0 ? [] : [`PK${String(key)}`]),
        ...(notNull === 1 ? ['NOT NULL'] : []),
        ...(defaultValue === null ? [] : [`DEFAULT ${String(defaultValue)}`]),
      ].join(' '),
    )
    .join(', ');
}
