import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { planFileName } from '../../../src/shell/contributions';
import { closeAllEditors, eventually, inWorkspace, previewTabs, withMessages, workspaceFolder } from './helpers';

const file = inWorkspace(planFileName);
const uri = vscode.Uri.file(file);
const nothing = (): undefined => undefined;

/** In this order: each test goes on with the document that the one before left. */
describe('a plan file', () => {
  let document: vscode.TextDocument;

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await closeAllEditors();
    rmSync(file, { force: true });
  });

  const problems = (): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri);
  const lenses = (): Thenable<vscode.CodeLens[]> =>
    vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);

  async function replace(before: string, after: string): Promise<vscode.Position> {
    const offset = document.getText().indexOf(before);
    assert.ok(offset >= 0, `no ${before}`);
    const edit = new vscode.WorkspaceEdit();
    const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + before.length));
    edit.replace(uri, range, after);
    assert.ok(await vscode.workspace.applyEdit(edit));
    return document.positionAt(offset + after.length);
  }

  async function complete(position: vscode.Position): Promise<readonly vscode.CompletionItem[]> {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri,
      position,
    );
    // Ours begin with a space, so that they come first.
    return list.items.filter(({ sortText }) => sortText?.startsWith(' 0') === true);
  }

  it('is created from the plan in force, opened, and is JSON with comments', async () => {
    await vscode.commands.executeCommand('jarvis.createPlanFile');
    assert.ok(existsSync(file));
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, file);
    document = editor.document;
    assert.equal(document.languageId, 'jsonc');
    assert.match(document.getText(), /"table": "llm_usage"/);
  });

  it('is not overwritten without a question', async () => {
    const before = readFileSync(file, 'utf8');
    const [question, ...more] = await withMessages(
      ({ buttons }) => buttons[0],
      () => vscode.commands.executeCommand('jarvis.createPlanFile'),
    );
    assert.deepEqual(more, []);
    assert.equal(question?.modal, true);
    assert.deepEqual(question.buttons, ['Open It', 'Replace It']);
    assert.equal(readFileSync(file, 'utf8'), before);
  });

  it('shows a problem at its line while it is written, and not when it is mended', async () => {
    await replace('"completion_tokens": "output_tokens"', '"completion_tokens": "output_tokenz"');
    const found = await eventually('the problem', () =>
      problems().find(({ message }) => message.includes('output_tokenz')),
    );
    assert.equal(found.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(found.source, 'Jarvis');
    assert.equal(found.code, 'bad-expression');
    assert.equal(document.getText(found.range), '"output_tokenz"');
    await replace('"completion_tokens": "output_tokenz"', '"completion_tokens": "output_tokens"');
    await eventually('the end of the problem', () =>
      problems().every(({ message }) => !message.includes('output_tokenz')) ? true : undefined,
    );
  });

  it('is checked again when a database changes', async () => {
    const [database, aside] = [inWorkspace('data', 'metrics.db'), inWorkspace('data', 'metrics.aside')];
    const missing = (): vscode.Diagnostic | undefined =>
      problems().find(({ code, message }) => code === 'missing-database' && message.includes('metrics.db'));
    assert.equal(missing(), undefined);
    renameSync(database, aside);
    try {
      const found = await eventually('the warning', missing);
      assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    } finally {
      renameSync(aside, database);
    }
    await eventually('the end of the warning', () => (missing() === undefined ? true : undefined));
  });

  it('completes columns, tables and databases from what is really there', async () => {
    const expression = await complete(
      (await replace('"completion_tokens": "output_tokens"', '"completion_tokens": "output_tokens"')).translate(0, -2),
    );
    const column = expression.find(({ label }) => label === 'output_tokens');
    assert.match(column?.detail ?? '', /^INTEGER/);
    assert.ok(expression.some(({ label }) => label === 'latency_ms'));

    const key = await complete(await replace('"columns": {', '"columns": { '));
    // All columns of the target are named already in this step.
    assert.deepEqual(key, []);
    const table = await complete((await replace('"table": "llm_usage"', '"table": "llm_usage"')).translate(0, -2));
    assert.deepEqual(
      table.map(labelOf).filter((label) => label.startsWith('llm_')),
      ['llm_daily_stats', 'llm_usage'],
    );
    const database = await complete(
      (await replace('"database": "data/llm_costs.db"', '"database": "data/llm_costs.db"')).translate(0, -2),
    );
    assert.ok(database.some(({ label }) => label === 'data/metrics.db'));
  });

  it('says over a table what it holds', async () => {
    const position = (await replace('"table": "llm_usage"', '"table": "llm_usage"')).translate(0, -3);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
    const words = hovers.flatMap(({ contents }) => contents.map((part) => (part as vscode.MarkdownString).value));
    assert.ok(
      words.some((text) => text.includes('25 rows') && text.includes('latency')),
      words.join('\n'),
    );
  });

  it('has a dry run above each step, which says what would become of it', async () => {
    await vscode.window.showTextDocument(document);
    const found = await lenses();
    const first = found.find(({ command }) => command?.title.includes('Dry run') === true);
    assert.ok(found.length >= 100, String(found.length));
    assert.ok(document.isDirty);
    const command = first?.command;
    assert.ok(command !== undefined, 'no lens for a dry run');
    const messages = await withMessages(nothing, () =>
      vscode.commands.executeCommand(command.command, ...((command.arguments ?? []) as unknown[])),
    );
    assert.deepEqual(messages, []);
    assert.match(previewTabs()[0]?.label ?? '', /DRY-RUN-REPORT/);
    assert.ok(!document.isDirty, 'the engine reads the file: what is on the screen has to be in it');
    const titles = (await lenses()).map((lens) => lens.command?.title ?? '');
    assert.ok(titles.includes('$(pass) there already: 25 rows'), titles.slice(0, 5).join(', '));

    // What is typed while it runs was not rehearsed.
    const [dryRun] = [...(await lenses())]
      .map((lens) => lens.command)
      .filter((one) => one?.command === 'jarvis.dryRun');
    const rehearsal = Promise.resolve(
      vscode.commands.executeCommand('jarvis.dryRun', ...((dryRun?.arguments ?? []) as unknown[])),
    );
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), ' ');
    await vscode.workspace.applyEdit(edit);
    await rehearsal;
    const later = (await lenses()).map((lens) => lens.command?.title ?? '');
    assert.ok(!later.some((title) => title.includes('there already')), later.slice(0, 5).join(', '));
    await vscode.commands.executeCommand('undo');
  });

  it('is the plan that runs', async () => {
    await vscode.window.showTextDocument(document);
    await replace('"feature": "\'legacy_import\'"', '"feature": "\'from_my_plan\'"');
    await document.save();
    const [told] = await withMessages(nothing, () => vscode.commands.executeCommand('jarvis.migrateAnalytics'));
    // Nothing of a plan is taken on trust: rows that were migrated with another text are conflicts now.
    assert.match(told?.text ?? '', /conflicts: 25/);
  });

  it('can be any file that the setting names', async () => {
    const other = inWorkspace('mine.json');
    renameSync(file, other);
    const configuration = vscode.workspace.getConfiguration('jarvis', workspaceFolder());
    await configuration.update('planFile', 'mine.json', vscode.ConfigurationTarget.Workspace);
    try {
      const opened = await vscode.workspace.openTextDocument(other);
      await vscode.window.showTextDocument(opened);
      await eventually('the language', () => (opened.languageId === 'jsonc' ? true : undefined));
      const edit = new vscode.WorkspaceEdit();
      edit.insert(opened.uri, new vscode.Position(0, 0), '// mine\n{');
      await vscode.workspace.applyEdit(edit);
      await eventually('the problem', () =>
        vscode.languages.getDiagnostics(opened.uri).find(({ source }) => source === 'Jarvis'),
      );
      await vscode.commands.executeCommand('workbench.action.files.revert');
    } finally {
      await configuration.update('planFile', undefined, vscode.ConfigurationTarget.Workspace);
      await closeAllEditors();
      rmSync(other, { force: true });
    }
    // It is no plan file any more.
    await eventually('the end of all problems', () => {
      const left = vscode.languages.getDiagnostics(vscode.Uri.file(other));
      return left.every(({ source }) => source !== 'Jarvis') ? true : undefined;
    });
  });
});

function labelOf({ label }: vscode.CompletionItem): string {
  return typeof label === 'string' ? label : label.label;
}
