/** Where the Rows Went: a Mermaid flowchart, and the same facts in a table beneath it. */
import type { RootContent } from 'mdast';
import { mermaidLabel } from './display';
import { flowsOf, shortPath, targetFile, targetTable, type Flow } from './facts';
import { formatCount, formatNumber } from './format';
import type { RunReport } from './model';
import { code, fence, heading, paragraph, right, say, table, words, type Inline } from './nodes';

/** Up to this many arrows each table is drawn; above it, each database; Mermaid itself stops at 500 edges. */
const tableArrows = 40;
const databaseArrows = 80;

const titles: Readonly<Record<RunReport['mode'], string>> = {
  migrate: 'Where the Rows Went',
  dryRun: 'Where the Rows Would Go',
  backupOnly: 'Where the Rows Are',
  validate: 'Where the Rows Are',
};

export function rowsPicture(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words(titles[report.mode]))];
  const flows = report.steps.flatMap((step) => flowsOf(report, step));
  if (flows.length === 0) return [...nodes, paragraph(words('No step, no rows to follow.'))];
  if (flows.length <= tableArrows) nodes.push(fence('mermaid', drawTables(report, flows)));
  else {
    nodes.push(
      fence('mermaid', drawDatabases(report, flows)),
      paragraph(
        words(`Drawn by database, since there are ${formatCount(report.steps.length, 'step')}; by table below.`),
      ),
    );
  }
  return [...nodes, flowTable(report, flows)];
}

function drawTables(report: RunReport, flows: readonly Flow[]): string[] {
  const drawing = new Drawing();
  for (const flow of flows) {
    const { legacy } = flow.step;
    const from = drawing.node('from', shortPath(report, legacy.database), legacy.table);
    const to = destination(report, flow);
    drawing.arrow(from, drawing.node('to', to.group, to.label), arrowWords(flow), flow.kind === 'leftBehind');
  }
  return drawing.lines();
}

function drawDatabases(report: RunReport, flows: readonly Flow[]): string[] {
  const arrows = new Map<string, { from: string; to: string; kind: Flow['kind']; rows: number; tables: number }>();
  for (const flow of flows) {
    const from = shortPath(report, flow.step.legacy.database);
    const to = destination(report, flow).group ?? destination(report, flow).label;
    const key = JSON.stringify([from, to, flow.kind]);
    const arrow = arrows.get(key) ?? { from, to, kind: flow.kind, rows: 0, tables: 0 };
    arrows.set(key, { ...arrow, rows: arrow.rows + flow.rows, tables: arrow.tables + 1 });
  }
  const bySize = [...arrows.values()].sort((a, b) => b.rows - a.rows);
  const drawing = new Drawing();
  for (const arrow of bySize.slice(0, databaseArrows)) {
    const label = `${formatCount(arrow.rows, 'row')}, ${formatCount(arrow.tables, 'table')}`;
    const from = drawing.node('from', null, arrow.from);
    drawing.arrow(from, drawing.node('to', null, arrow.to), label, arrow.kind === 'leftBehind');
  }
  const rest = bySize.slice(databaseArrows);
  if (rest.length > 0) {
    const rows = rest.reduce((sum, arrow) => sum + arrow.rows, 0);
    const others = drawing.node('from', null, formatCount(rest.length, 'more arrow'));
    drawing.arrow(others, drawing.node('to', null, 'see the table'), formatCount(rows, 'row'), true);
  }
  return drawing.lines();
}

/** Rows that are in no target are drawn to a place of their own. */
function destination(report: RunReport, flow: Flow): { readonly group: string | null; readonly label: string } {
  if (flow.kind === 'leftBehind') return { group: null, label: 'left behind' };
  if (flow.kind === 'rejected') return { group: null, label: 'rejected' };
  const file = targetFile(flow.step);
  if (file === null) return { group: null, label: 'left behind' };
  const table = targetTable(flow.step);
  return table === null ? { group: null, label: file } : { group: shortPath(report, file), label: table };
}

const kindWords: Readonly<Record<Flow['kind'], string>> = {
  inserted: 'inserted',
  alreadyPresent: 'already there',
  conflicts: 'in conflict, left alone',
  rejected: 'rejected',
  leftBehind: 'left behind',
};

function arrowWords(flow: Flow): string {
  const rows = formatCount(flow.rows, 'row');
  return flow.kind === 'alreadyPresent' || flow.kind === 'conflicts' ? `${rows}, ${kindWords[flow.kind]}` : rows;
}

interface Group {
  readonly side: 'from' | 'to';
  readonly name: string | null;
  readonly nodes: string[];
}

/** Collects nodes and arrows; ids are our own, names only ever appear inside escaped labels. */
class Drawing {
  readonly #groups = new Map<string, Group>();
  readonly #ids = new Map<string, string>();
  readonly #arrows: string[] = [];

  node(side: 'from' | 'to', group: string | null, label: string): string {
    const key = JSON.stringify([side, group, label]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `n${String(this.#ids.size + 1)}`;
    this.#ids.set(key, id);
    const groupKey = JSON.stringify([side, group]);
    const members = this.#groups.get(groupKey) ?? { side, name: group, nodes: [] };
    this.#groups.set(groupKey, members);
    members.nodes.push(`${id}["${mermaidLabel(label)}"]`);
    return id;
  }

  arrow(from: string, to: string, label: string, dashed: boolean): void {
    this.#arrows.push(`  ${from} ${dashed ? '-.->' : '-->'}|"${mermaidLabel(label)}"| ${to}`);
  }

  lines(): string[] {
    const lines = ['flowchart LR'];
    let index = 0;
    // The boxes on the left are declared first: Mermaid keeps the order in which it meets them.
    const groups = [...this.#groups.values()];
    const ordered = [...groups.filter((g) => g.side === 'from'), ...groups.filter((g) => g.side === 'to')];
    for (const { name, nodes } of ordered) {
      if (name === null) lines.push(...nodes.map((node) => `  ${node}`));
      else {
        index++;
        lines.push(`  subgraph g${String(index)}["${mermaidLabel(name)}"]`, ...nodes.map((n) => `    ${n}`), '  end');
      }
    }
    return [...lines, ...this.#arrows];
  }
}

function flowTable(report: RunReport, flows: readonly Flow[]): RootContent {
  return table(
    ['From', 'To', right('Rows'), 'How'],
    flows.map((flow): Inline[] => [
      say`${flow.step.legacy.database} ${flow.step.legacy.table}`,
      place(flow),
      words(formatNumber(flow.rows)),
      words(how(report, flow)),
    ]),
  );
}

function place(flow: Flow): Inline {
  const file = targetFile(flow.step);
  if (file === null || flow.kind === 'leftBehind' || flow.kind === 'rejected') return words('—');
  const table = targetTable(flow.step);
  return table === null ? code(file) : say`${file} ${table}`;
}

function how(report: RunReport, flow: Flow): string {
  if (flow.rows === 0) return 'no rows to move';
  if (flow.kind !== 'inserted') return kindWords[flow.kind];
  if (flow.step.strategy === 'config') return report.dryRun ? 'would be written' : 'written';
  return report.dryRun ? 'would be inserted' : 'inserted';
}
