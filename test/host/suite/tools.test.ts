import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import * as vscode from 'vscode';
import { tools, type ToolId } from '../../../src/shell/contributions';
import { closeAllEditors, hashWorkspace, inWorkspace, previewTabs, withMessages } from './helpers';

const legacy = inWorkspace('data', 'llm_costs.db');

/** One more legacy row than was migrated, written by an engine of the test's own. */
async function addLegacyRow(): Promise<void> {
  const { Database } = await initSqlJs();
  const database = new Database(readFileSync(legacy));
  try {
    const columns = database.exec("SELECT group_concat(name) FROM pragma_table_info('llm_usage') WHERE pk = 0");
    const names = String(columns[0]?.values[0]?.[0]);
    database.run(`INSERT INTO llm_usage (${names}) SELECT ${names} FROM llm_usage LIMIT 1`);
    writeFileSync(legacy, database.export());
  } finally {
    database.close();
  }
}

/** The JSON of a tool's answer. */
async function invoke(id: ToolId, input: object): Promise<Record<string, unknown>> {
  const { content } = await vscode.lm.invokeTool(id, { input, toolInvocationToken: undefined });
  const text = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  const [head = '', json = ''] = text.split('\n');
  assert.match(head, new RegExp(`^result of ${id};`));
  return JSON.parse(json) as Record<string, unknown>;
}

describe('tools for language models', () => {
  const kept = mkdtempSync(join(tmpdir(), 'jarvis-kept-'));
  /** The hash of each database; the report of a refused run is a new file too. */
  const databases = (): unknown => Object.entries(hashWorkspace()).filter(([file]) => !file.includes('backups'));

  before(async () => {
    cpSync(inWorkspace('data'), kept, { recursive: true, preserveTimestamps: true });
    await addLegacyRow();
  });
  after(async () => {
    await closeAllEditors();
    rmSync(inWorkspace('data'), { recursive: true });
    cpSync(kept, inWorkspace('data'), { recursive: true, preserveTimestamps: true });
    rmSync(kept, { recursive: true });
    await vscode.commands.executeCommand('jarvis.refresh');
  });

  it('are those of the manifest', () => {
    const ours = vscode.lm.tools.filter(({ name }) => name.startsWith('jarvis_')).map(({ name }) => name);
    assert.deepEqual(ours.sort(), [...tools].sort());
  });

  it('tell which databases there are, what is in one, and rows of it', async () => {
    const { folders } = await invoke('jarvis_inspect_database', {});
    assert.match(JSON.stringify(folders), /"database":"data\/llm_costs\.db","role":"legacy"/);
    const { tables } = await invoke('jarvis_inspect_database', { database: 'llm_costs.db', table: 'llm_usage' });
    assert.match(JSON.stringify(tables), /"table":"llm_usage","kind":"table","rows":26,/);
    const sql = 'SELECT count(*) AS calls FROM llm_usage';
    const { columns, rows } = await invoke('jarvis_query', { database: 'data/llm_costs.db', sql });
    assert.deepEqual([columns, rows], [['calls'], [[26]]]);
    await assert.rejects(invoke('jarvis_query', { database: 'data/llm_costs.db', sql: 'DELETE FROM llm_usage' }));
  });

  it('P5: carry out what was planned, once; and refuse it where a database has changed since', async () => {
    const before = hashWorkspace();
    const stale = await invoke('jarvis_plan_migration', { domains: ['analytics'] });
    assert.equal((stale['rows'] as { readonly inserted: number }).inserted, 1);
    assert.deepEqual(hashWorkspace(), before, 'planning wrote something');

    await assert.rejects(invoke('jarvis_migrate', { token: 'guessed' }), /of no dry run of this window/);
    await addLegacyRow();
    const changed = databases();
    await withMessages(
      () => undefined,
      async () => {
        const refused = await invoke('jarvis_migrate', { token: stale['token'] });
        assert.equal(refused['outcome'], 'refused');
        assert.match(String(refused['error']), /llm_costs\.db changed since the dry run/);
      },
    );
    assert.deepEqual(databases(), changed);

    const { token } = await invoke('jarvis_plan_migration', { domains: ['analytics'] });
    const messages = await withMessages(
      () => undefined,
      async () => {
        const done = await invoke('jarvis_migrate', { token });
        assert.equal(done['outcome'], 'committed');
        assert.equal((done['rows'] as { readonly inserted: number }).inserted, 2);
      },
    );
    assert.deepEqual(
      messages.map(({ text }) => text),
      ['2 rows migrated into jarvis_analytics.db; every cell checked.'],
    );
    assert.notDeepEqual(databases(), changed);
    assert.match(previewTabs()[0]?.label ?? '', /MIGRATION-REPORT/);

    await assert.rejects(invoke('jarvis_migrate', { token }), /was used already/);
    const again = await invoke('jarvis_plan_migration', { domains: ['analytics'] });
    assert.deepEqual([again['token'], again['noTokenBecause']], [null, 'nothing to do']);
  });
});
