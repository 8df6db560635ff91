import assert from 'node:assert/strict';
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import * as vscode from 'vscode';
import { reportScheme } from '../../../src/shell/contributions';
import {
  closeAllEditors,
  eventually,
  hashWorkspace,
  inWorkspace,
  previewTabs,
  withMessages,
  workspaceFolder,
  type Message,
} from './helpers';

const target = join('data', 'jarvis_analytics.db');
const backups = inWorkspace('data', 'backups');
const runs = (): readonly string[] => (existsSync(backups) ? readdirSync(backups).sort() : []);
const nothing = (): undefined => undefined;
const notifications = (messages: readonly Message[]): readonly Message[] => messages.filter(({ modal }) => !modal);

/** Reads a database as an outsider would: with an engine of the test's own. */
async function query(sql: string): Promise<readonly unknown[]> {
  const { Database } = await initSqlJs();
  const database = new Database(readFileSync(inWorkspace(target)));
  try {
    return database.exec(sql)[0]?.values[0] ?? [];
  } finally {
    database.close();
  }
}

/** In this order: each test starts from what the one before left in the sample workspace. */
describe('migrating', () => {
  let original: Readonly<Record<string, string>>;
  let inserted = 0;

  before(() => {
    original = hashWorkspace();
  });
  afterEach(closeAllEditors);

  it('shows what a dry run says in a preview, and writes nothing at all', async () => {
    const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.dryRun'));
    assert.deepEqual(messages, []);
    assert.match(previewTabs()[0]?.label ?? '', /DRY-RUN-REPORT/);
    const document = await eventually('the text of the report', () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === reportScheme),
    );
    assert.match(document.getText(), /llm_usage[\s\S]*llm_costs/);
    assert.deepEqual(hashWorkspace(), original);
  });

  it('changes nothing when the confirmation is not given', async () => {
    const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.migrateAnalytics'));
    assert.equal(messages.length, 1);
    const [question] = messages;
    assert.equal(question?.modal, true);
    assert.deepEqual(question.buttons, ['Migrate']);
    assert.match(question.detail ?? '', /^15 tables → jarvis_analytics\.db: 918 rows$/m);
    assert.match(question.detail ?? '', /data\/backups/);
    assert.deepEqual(hashWorkspace(), original);
  });

  it('B7: asks before it opens more than the cap, and reads nothing where the answer is no', async () => {
    const log = inWorkspace('data', 'llm_costs.db-wal');
    const descriptor = openSync(log, 'wx');
    try {
      ftruncateSync(descriptor, 1.5 * 1024 ** 3);
      const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.dryRun'));
      const [question, ...more] = messages;
      assert.deepEqual(more, []);
      assert.equal(question?.modal, true);
      assert.deepEqual(question.buttons, ['Open Anyway']);
      assert.match(question.detail ?? '', /data\/llm_costs\.db/);
    } finally {
      closeSync(descriptor);
      rmSync(log);
    }
    assert.deepEqual(hashWorkspace(), original);
  });

  it('refuses while a program has a database open, and says so', async function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere the holder would have to be another process
    const holder = openSync(inWorkspace('data', 'llm_costs.db'), 'r');
    try {
      const messages = await withMessages(
        ({ modal }) => (modal ? 'Migrate' : undefined),
        () => vscode.commands.executeCommand('jarvis.migrateAnalytics'),
      );
      // At once, and not after a confirmation.
      const [told, ...more] = messages;
      assert.deepEqual(more, []);
      assert.equal(told?.severity, 'error');
      assert.equal(told.modal, false);
      assert.match(
        told.text,
        /^Refused, no database was changed\. data\/llm_costs\.db is open in .+ Stop that process/,
      );
      assert.deepEqual(told.buttons, ['Try Again', 'Show Log']);
    } finally {
      closeSync(holder);
    }
    assert.deepEqual(hashWorkspace(), original);
  });

  it('migrates what was confirmed, and opens the report beside the code', async () => {
    const rowsBefore = Number((await query('SELECT count(*) FROM llm_costs'))[0]);
    const code = await vscode.workspace.openTextDocument({ content: 'some code' });
    await vscode.window.showTextDocument(code, vscode.ViewColumn.One);
    const messages = await withMessages(
      ({ modal }) => (modal ? 'Migrate' : undefined),
      () => vscode.commands.executeCommand('jarvis.migrateAnalytics'),
    );

    const [told, ...more] = notifications(messages);
    assert.deepEqual(more, []);
    assert.equal(told?.severity, 'information', told?.text);
    const said = /^([\d,]+) rows migrated into jarvis_analytics\.db; every cell checked\.$/.exec(told.text);
    assert.ok(said !== null, told.text);
    inserted = Number(said[1]?.replace(',', ''));
    assert.deepEqual(told.buttons, ['Open Report', 'Show Log']);

    assert.equal(Number((await query('SELECT count(*) FROM llm_costs'))[0]), rowsBefore + 25);
    assert.equal((await query('SELECT count(*) FROM legacy_llm_usage'))[0], 25);
    const after = hashWorkspace();
    for (const [file, hash] of Object.entries(original)) {
      if (file === target) assert.notEqual(after[file], hash);
      else assert.equal(after[file], hash, `${file} changed`);
    }
    const run = runs().at(-1);
    assert.ok(run !== undefined);
    for (const name of ['MIGRATION-REPORT.md', 'report.json', 'migration_report.txt', 'manifest.json', target])
      assert.ok(existsSync(join(backups, run, name)), name);

    const [preview] = previewTabs();
    assert.match(preview?.label ?? '', /MIGRATION-REPORT/);
    assert.equal(preview?.group.viewColumn, vscode.ViewColumn.Two);
    assert.equal(vscode.window.activeTextEditor?.document, code, 'the code lost the focus');
  });

  it('says that there is nothing to do the second time, and leaves every byte as it is', async () => {
    const before = hashWorkspace();
    const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.migrateAnalytics'));
    assert.equal(messages.length, 1);
    assert.equal(messages[0]?.text.replace(',', ''), `Nothing to do. Already there: ${inserted} rows.`);
    assert.deepEqual(hashWorkspace(), before);
  });

  it('validates what is on disk', async () => {
    const before = hashWorkspace();
    const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.validate'), 'Analytics');
    assert.equal(messages.length, 1);
    assert.match(messages[0]?.text ?? '', /^Validation passed: \d+ checks, none failed\.$/);
    assert.equal(previewTabs().length, 1);
    assert.deepEqual(hashWorkspace(), before);
  });

  it('backs up on request', async () => {
    const before = runs().length;
    const messages = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.backUp'));
    assert.equal(messages.length, 1);
    assert.match(messages[0]?.text ?? '', /^\d+ files backed up to data\/backups\/\w+; every copy was verified/);
    assert.equal(runs().length, before + 1);
  });

  it('migrates all domains with one question, configuration file included, and proves all of it', async () => {
    const messages = await withMessages(
      ({ modal }) => (modal ? 'Migrate' : undefined),
      () => vscode.commands.executeCommand('jarvis.migrateAll'),
    );
    const [question, told, ...more] = messages;
    assert.deepEqual(more, []);
    for (const line of [
      /^16 tables → jarvis_core\.db: 3,606 rows$/m,
      /^4 tables → jarvis_cache\.db: 85 rows$/m,
      /^1 table → rate_limits\.yaml: 5 rows$/m,
      /^The configuration file config\/rate_limits\.yaml is written\.$/m,
      /^There already: 918 rows\.$/m,
      /^Parents added, which foreign keys demand: 2 rows\.$/m,
      /^Nothing is left behind\.$/m,
    ])
      assert.match(question?.detail ?? '', line);
    assert.match(told?.text ?? '', /^3,696 rows migrated into .*jarvis_core\.db.*; every cell checked\.$/);
    assert.ok(existsSync(inWorkspace('config', 'rate_limits.yaml')));
    const validated = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.validate'));
    assert.match(validated[0]?.text ?? '', /^Validation passed: \d+ checks, none failed\.$/);
  });

  it('takes where the rate limits go from the settings', async () => {
    const configuration = vscode.workspace.getConfiguration('jarvis', workspaceFolder());
    await configuration.update('rateLimits.strategy', 'database', vscode.ConfigurationTarget.Workspace);
    try {
      const [question] = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.migrateCache'));
      assert.match(question?.detail ?? '', /^rate_limiter\.db rate_configs → rate_configs: 5 rows$/m);
    } finally {
      await configuration.update('rateLimits.strategy', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('opens the latest report, alone where nothing else is open', async () => {
    await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.openLatestReport'));
    const [preview, ...more] = previewTabs();
    assert.deepEqual(more, []);
    assert.match(preview?.label ?? '', /MIGRATION-REPORT/);
    assert.equal(vscode.window.tabGroups.all.length, 1);
  });
});
