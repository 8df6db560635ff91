import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TreeNode } from '../../../src/shell/tree/nodes';
import { closeAllEditors, eventually, findExtension, inWorkspace } from './helpers';

function labelOf({ label }: vscode.TreeItem): string {
  return typeof label === 'string' ? label : (label?.label ?? '');
}

describe('the tree', () => {
  let tree: vscode.TreeDataProvider<TreeNode>;

  before(async () => {
    tree = (await findExtension().activate()).tree;
  });
  after(closeAllEditors);

  const childrenOf = async (node?: TreeNode): Promise<readonly TreeNode[]> => (await tree.getChildren(node)) ?? [];
  const itemOf = async (node: TreeNode): Promise<vscode.TreeItem> => tree.getTreeItem(node);
  const labelsOf = async (nodes: readonly TreeNode[]): Promise<readonly string[]> =>
    Promise.all(nodes.map(async (node) => labelOf(await itemOf(node))));
  const find = async (...path: readonly string[]): Promise<TreeNode> => {
    let node: TreeNode | undefined;
    for (const label of path) {
      const children = await childrenOf(node);
      const labels = await labelsOf(children);
      node = children[labels.indexOf(label)];
      assert.ok(node !== undefined, `no ${label} among ${labels.join(', ')}`);
    }
    assert.ok(node !== undefined);
    return node;
  };

  it('has the two groups, and no third one without reason', async () => {
    assert.deepEqual(await labelsOf(await childrenOf()), ['Consolidated', 'Legacy']);
  });

  it('lists the databases of each group', async () => {
    const consolidated = await labelsOf(await childrenOf(await find('Consolidated')));
    assert.deepEqual(consolidated, ['jarvis_analytics.db', 'jarvis_cache.db', 'jarvis_core.db']);
    const legacy = await labelsOf(await childrenOf(await find('Legacy')));
    assert.ok(legacy.includes('llm_costs.db') && legacy.includes('metrics.db'), legacy.join(', '));
  });

  it('shows size and state, an id, a menu context and words for screen readers', async () => {
    const item = await itemOf(await find('Legacy', 'llm_costs.db'));
    assert.match(String(item.description), /^\d+(\.\d)? KiB$/);
    assert.equal(item.contextValue, 'database.legacy.analytics');
    assert.match(item.accessibilityInformation?.label ?? '', /^llm_costs\.db, \d+(\.\d)? KiB, ready$/);
    assert.ok(item.id !== undefined);
    assert.ok(item.tooltip instanceof vscode.MarkdownString);
    assert.notEqual(item.tooltip.isTrusted, true);
  });

  it('counts the rows of tables and shows types and keys of columns', async () => {
    const table = await find('Legacy', 'llm_costs.db', 'llm_usage');
    assert.equal((await itemOf(table)).description, '25 rows');
    const id = await itemOf(await find('Legacy', 'llm_costs.db', 'llm_usage', 'id'));
    assert.match(String(id.description), /^INTEGER · primary key/);
    assert.equal((id.iconPath as vscode.ThemeIcon).id, 'key');
  });

  it('keeps ids when it is read again', async () => {
    const idsOf = async (): Promise<readonly string[]> => (await childrenOf(await find('Legacy'))).map(({ id }) => id);
    const before = await idsOf();
    await vscode.commands.executeCommand('jarvis.refresh');
    assert.deepEqual(await idsOf(), before);
  });

  it('shows a broken database as what it is, beside all the others, as soon as it appears', async () => {
    const broken = inWorkspace('data', 'broken.db');
    writeFileSync(broken, '');
    try {
      const other = await eventually('the group of other databases', async () => {
        const roots = await childrenOf();
        return roots.find((node) => node.kind === 'group' && node.role === 'other');
      });
      const [node] = await childrenOf(other);
      assert.ok(node?.kind === 'database');
      assert.equal((await itemOf(node)).description, 'empty file');
      const [problem] = await childrenOf(node);
      assert.ok(problem?.kind === 'problem');
      assert.match((await itemOf(problem)).accessibilityInformation?.label ?? '', /broken\.db/);
      assert.equal((await itemOf(await find('Legacy', 'llm_costs.db', 'llm_usage'))).description, '25 rows');
    } finally {
      rmSync(broken);
    }
    await eventually('the end of that group', async () => ((await childrenOf()).length === 2 ? true : undefined));
  });

  it('opens in its own container of the activity bar', async () => {
    await vscode.commands.executeCommand('workbench.view.extension.jarvis');
    await vscode.commands.executeCommand('jarvis.databases.focus');
  });
});
