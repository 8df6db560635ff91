import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  desktopCommands,
  desktopTools,
  nodeCommands,
  paletteCommands,
  reportCommands,
  type ToolId,
} from '../../../src/shell/contributions';
import { pathOf, uriOf } from '../../../src/shell/resource-paths';
import type { WebExtensionApi } from '../../../src/web/extension';
import {
  codeOf,
  contentOf,
  dataFolder,
  findExtension,
  findNode,
  itemsOf,
  labelOf,
  tabCalled,
  warningsOf,
  type Tree,
} from './helpers';

describe("in VS Code's web worker host", () => {
  let tree: Tree;
  let viewers: WebExtensionApi['viewers'];
  let untouched: string;

  const inData = (name: string): vscode.Uri => vscode.Uri.joinPath(dataFolder(), name);
  const viewing = (name: string) => ({ path: pathOf(inData(name)), database: name, viewer: 'test' });
  const everything = { query: { sort: [], filters: [] } };

  before(async () => {
    untouched = await contentOf(dataFolder());
    ({ tree, viewers } = await findExtension().activate());
  });
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('has no Node, and a workspace that is no path', () => {
    assert.equal(typeof process, 'undefined');
    assert.ok(dataFolder().scheme !== 'file', dataFolder().toString());
  });

  it('finds the data folder and lists the databases with their sizes', async () => {
    const groups = await itemsOf(tree);
    assert.deepEqual(
      groups.map(({ item }) => item.label),
      ['Consolidated', 'Legacy', 'Other'],
    );
    const legacy = await itemsOf(tree, await findNode(tree, 'Legacy'));
    assert.deepEqual(
      legacy.map(({ item }) => item.label),
      ['jarvis.db', 'llm_costs.db', 'metrics.db', 'rate_limiter.db', 'telegram_memory.db'],
    );
    for (const { item } of legacy) assert.match(String(item.description), /^\d+(\.\d)? KiB/);
  });

  it('R1: counts and shows rows that only a log holds', async () => {
    const { description } = await tree.getTreeItem(await findNode(tree, 'Legacy', 'llm_costs.db', 'llm_usage'));
    assert.equal(description, '26 rows');
    const on = { ...viewing('llm_costs.db'), table: 'llm_usage', ...everything };
    const { rows } = await viewers.request('browse.rows', { ...on, from: 25, count: 10 });
    assert.deepEqual(
      rows.map(({ cells }) => cells.some((cell) => cell.type === 'text' && cell.text === 'only-in-the-log')),
      [true],
    );
    const { state } = await viewers.request('browse.open', on);
    assert.ok((state.frames ?? 0) > 0, 'no frame of the log was read');
  });

  it('R1: refuses a database that is a link, and says why in the tree', async () => {
    const { tooltip } = await tree.getTreeItem(await findNode(tree, 'Other', 'linked.db'));
    const words = typeof tooltip === 'string' ? tooltip : (tooltip?.value ?? '');
    assert.match(words, /linked\.db cannot be read: it is a symbolic link/);
    const on = { ...viewing('linked.db'), table: 't' };
    const opened = await viewers.request('browse.open', on).then(() => 'opened', codeOf);
    assert.equal(opened, 'unreadable');
  });

  it('says of a data folder on a disk that it cannot be seen', async () => {
    const settings = vscode.workspace.getConfiguration('jarvis');
    const refresh = (): Thenable<unknown> => vscode.commands.executeCommand('jarvis.refresh');
    await settings.update('dataFolder', '/home/me/data', vscode.ConfigurationTarget.Global);
    try {
      await refresh();
      const [problem] = await itemsOf(tree);
      assert.ok(problem !== undefined);
      assert.match(labelOf(problem.item), /The data folder \/home\/me\/data is a path on a computer's disk/);
    } finally {
      await settings.update('dataFolder', undefined, vscode.ConfigurationTarget.Global);
      await refresh();
    }
    await findNode(tree, 'Legacy');
  });

  it('shows the schema of a table', async () => {
    const on = { ...viewing('llm_costs.db'), table: 'llm_usage' };
    const { columns, indexes } = await viewers.request('browse.describe', on);
    assert.equal(columns[0]?.name, 'id');
    assert.deepEqual(indexes.map(({ name }) => name).sort(), ['idx_llm_usage_provider', 'idx_llm_usage_timestamp']);
  });

  it('opens a table in a tab, for the tree and for the file', async () => {
    await vscode.commands.executeCommand(
      'jarvis.openTable',
      await findNode(tree, 'Legacy', 'llm_costs.db', 'llm_usage'),
    );
    await tabCalled('llm_usage');
    await vscode.commands.executeCommand('vscode.openWith', inData('metrics.db'), 'jarvis.database');
    await tabCalled('metrics.db');
  });

  it('draws the diagram of a database', async () => {
    await vscode.commands.executeCommand('jarvis.showDiagram', await findNode(tree, 'Legacy', 'jarvis.db'));
    await tabCalled('Diagram of jarvis.db');
    const { tables } = await viewers.request('browse.diagram', viewing('jarvis.db'));
    assert.ok(tables.length > 0, 'no table');
  });

  it('answers a query', async () => {
    const on = { ...viewing('llm_costs.db'), viewer: 'a query' };
    const sql = 'SELECT provider, count(*) AS calls FROM llm_usage GROUP BY provider ORDER BY calls DESC';
    const result = await viewers.request('query.run', { ...on, sql, explain: false });
    assert.ok(result.kind === 'rows' && result.rows > 1, 'no rows');
    await vscode.commands.executeCommand('jarvis.newQuery', await findNode(tree, 'Legacy', 'llm_costs.db'));
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'sql');
  });

  it('gives a slow statement up, and goes on with another worker', async () => {
    const { starts } = viewers;
    const on = { ...viewing('slow.db'), ...everything, from: 0, count: 1 };
    await viewers.request('browse.rows', { ...on, table: 'n' });
    const stop = new AbortController();
    const slow = viewers
      .request('browse.rows', { ...on, table: 'slow' }, { signal: stop.signal })
      .then(() => 'answered', codeOf);
    setTimeout(() => stop.abort(), 200);
    assert.equal(await slow, 'cancelled');
    const { rows } = await viewers.request('browse.rows', { ...on, table: 'n' });
    assert.equal(rows[0]?.key, '1');
    assert.equal(viewers.starts, starts + 1);
  });

  it('opens the newest report in a preview', async () => {
    await vscode.commands.executeCommand('jarvis.openLatestReport');
    const { input } = await tabCalled('MIGRATION-REPORT.md');
    assert.ok(input instanceof vscode.TabInputWebview && input.viewType.includes('markdown.preview'), 'no preview');
  });

  it('does nothing that needs a disk, and says why', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const id of [...paletteCommands, ...nodeCommands, ...reportCommands]) assert.ok(registered.includes(id), id);
    for (const id of desktopCommands) {
      const warnings = await warningsOf(() => vscode.commands.executeCommand(id));
      assert.deepEqual(
        warnings,
        ['This is not possible in a browser, which has no disk. Open this folder in VS Code on its own computer.'],
        id,
      );
    }
    const refused = await viewers
      .request('backups.list', { workspace: '/', dataFolder: 'data', verify: false })
      .then(() => 'answered', codeOf);
    assert.equal(refused, 'needs-disk');
  });

  it('lets a language model look, and migrate nothing', async () => {
    const invoke = async (id: ToolId, input: object): Promise<string> => {
      const { content } = await vscode.lm.invokeTool(id, { input, toolInvocationToken: undefined });
      return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
    };
    const looked = await invoke('jarvis_inspect_database', { database: 'llm_costs.db', table: 'llm_usage' });
    assert.match(looked, /"table":"llm_usage","kind":"table","rows":26,/);
    const sql = 'SELECT count(*) AS calls FROM llm_usage';
    assert.match(await invoke('jarvis_query', { database: 'llm_costs.db', sql }), /"rows":\[\[26\]\]/);
    for (const id of desktopTools) {
      const refused = await invoke(id, { token: 'any' }).then(() => 'answered', String);
      assert.match(refused, /not possible in a browser/);
    }
  });

  it('has changed nothing by all that', async () => {
    assert.equal(await contentOf(dataFolder()), untouched);
  });

  it('exports rows to where the user says', async () => {
    const target = inData('export.csv');
    const on = { ...viewing('llm_costs.db'), table: 'llm_usage', ...everything };
    const options = { columns: ['id', 'model'], format: 'csv', file: pathOf(target) } as const;
    assert.deepEqual(await viewers.request('browse.export', { ...on, ...options }), { rows: 26, limit: null });
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(target));
    assert.match(text, /^id,model\r\n1,[^\r]+\r\n(.+\r\n){24}26,only-in-the-log\r\n$/);
  });

  it('has one path for each address, and the other way round', () => {
    for (const text of [
      'vscode-vfs://github/owner/repo/data/a.db',
      'vscode-remote://127.0.0.1:4711/home/me/a%20b%23c%25.db',
      'file:///C%3A/data/a.db',
      'memfs:/a:b/c.db',
    ]) {
      const uri = vscode.Uri.parse(text);
      assert.equal(uriOf(pathOf(uri)).toString(), uri.toString());
    }
  });
});
