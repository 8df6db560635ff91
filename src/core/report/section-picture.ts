/** Where the Rows Went: a Mermaid flowchart, and the same facts in a table beneath it. */
import type { RootContent } from 'mdast';
import { mermaidLabel } from './display';
import { flowsOf, groupBy, isLong, shortPath, targetFile, targetTable, type Flow } from './facts';
import { formatCount, formatNumber } from './format';
import { reportFiles, type RunReport } from './model';
import { code, fence, heading, paragraph, right, say, table, words, type Inline } from './nodes';

/** Up to this many arrows of a short report each table is drawn; above it, each database; Mermaid itself stops at 500 edges. */
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
  if (flows.length <= tableArrows && !isLong(report)) {
    return [...nodes, fence('mermaid', drawTables(report, flows)), flowTable(report, flows)];
  }
  const arrows = arrowsOf(report, flows);
  return [
    ...nodes,
    fence('mermaid', drawDatabases(report, arrows)),
    paragraph(
      words(
        `Drawn by database, since there are ${formatCount(report.steps.length, 'step')}; Migration Execution and Schema Mapping name each table.`,
      ),
    ),
    arrowTable(report, arrows),
  ];
}

function drawTables(report: RunReport, flows: readonly Flow[]): string[] {
  const drawing = new Drawing();
  for (const flow of flows) {
    const { legacy } = flow.step;
    const from = drawing.node('from', shortPath(report, legacy.database), legacy.table);
    const to = destination(report, flow);
    drawing.arrow(from, drawing.node('to', to.group, to.label), arrowWords(flow), isAside(flow));
  }
  return drawing.lines();
}

/** The flows from one legacy database to one place, of one kind. */
interface Arrow {
  readonly from: string;
  readonly flows: readonly Flow[];
  readonly first: Flow;
  readonly rows: number;
}

function arrowsOf(report: RunReport, flows: readonly Flow[]): readonly Arrow[] {
  // A table without rows goes along with the rows of its database.
  const moving = new Set(
    flows.filter(({ rows }) => rows > 0).map((f) => JSON.stringify([f.step.legacy.database, placeName(report, f)])),
  );
  return groupBy(flows, (flow) => {
    const isAlone =
      flow.rows === 0 && !moving.has(JSON.stringify([flow.step.legacy.database, placeName(report, flow)]));
    return [flow.step.legacy.database, placeName(report, flow), isAlone ? 'empty' : flow.kind];
  })
    .flatMap((members): Arrow[] => {
      const [first] = members;
      if (first === undefined) return [];
      const rows = members.reduce((sum, flow) => sum + flow.rows, 0);
      return [{ from: first.step.legacy.database, flows: members, first, rows }];
    })
    .sort((a, b) => b.rows - a.rows);
}

function drawDatabases(report: RunReport, all: readonly Arrow[]): string[] {
  const drawing = new Drawing();
  const arrows = all.filter(({ rows }) => rows > 0);
  const draw = (from: string, { first }: Arrow, label: string): void => {
    const to = drawing.node('to', null, placeName(report, first));
    drawing.arrow(drawing.node('from', null, from), to, label, isAside(first));
  };
  for (const arrow of arrows.slice(0, databaseArrows)) {
    const kind = arrow.first.kind === 'inserted' || isAside(arrow.first) ? '' : `, ${kindWords[arrow.first.kind]}`;
    const label = `${formatCount(arrow.rows, 'row')}, ${formatCount(arrow.flows.length, 'table')}${kind}`;
    draw(shortPath(report, arrow.from), arrow, label);
  }
  const rest = arrows.slice(databaseArrows);
  if (rest.length > 0) {
    const rows = rest.reduce((sum, arrow) => sum + arrow.rows, 0);
    const others = drawing.node('from', null, formatCount(rest.length, 'more arrow'));
    drawing.arrow(others, drawing.node('to', null, 'see the table'), formatCount(rows, 'row'), true);
  }
  // Databases that send nothing but tables are one box for each target.
  const empty = all.filter(({ rows }) => rows === 0);
  for (const members of groupBy(empty, ({ first }) => [placeName(report, first)])) {
    const [arrow] = members;
    if (arrow === undefined) continue;
    const tables = members.reduce((sum, { flows }) => sum + flows.length, 0);
    const many = `${formatNumber(members.length)} more databases, no rows`;
    const from = members.length === 1 ? shortPath(report, arrow.from) : many;
    draw(from, arrow, `0 rows, ${formatCount(tables, 'table')}`);
  }
  return drawing.lines();
}

function isAside({ kind }: Flow): boolean {
  return kind === 'leftBehind' || kind === 'rejected';
}

function arrowTable(report: RunReport, arrows: readonly Arrow[]): RootContent {
  return table(
    ['From', 'To', right('Tables'), right('Rows'), 'How'],
    arrows.map(({ from, flows, first, rows }): Inline[] => {
      const file = targetFile(first.step);
      return [
        code(from),
        file === null || isAside(first) ? place(report, first) : code(file),
        words(formatNumber(flows.length)),
        words(formatNumber(rows)),
        words(how(report, { ...first, rows })),
      ];
    }),
  );
}

/** Rows that are in no target are drawn to a place of their own. */
function destination(report: RunReport, flow: Flow): { readonly group: string | null; readonly label: string } {
  if (flow.kind === 'leftBehind') return { group: null, label: 'left behind' };
  if (flow.kind === 'rejected') {
    return {
      group: null,
      label: report.rejectsFile === null ? 'rejected' : `rejected, kept in ${reportFiles.rejects}`,
    };
  }
  const file = targetFile(flow.step);
  if (file === null) return { group: null, label: 'left behind' };
  const table = targetTable(flow.step);
  return table === null ? { group: null, label: file } : { group: shortPath(report, file), label: table };
}

/** The same without the table. */
function placeName(report: RunReport, flow: Flow): string {
  const { group, label } = destination(report, flow);
  return group ?? label;
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
      place(report, flow),
      words(formatNumber(flow.rows)),
      words(how(report, flow)),
    ]),
  );
}

function place(report: RunReport, flow: Flow): Inline {
  if (flow.kind === 'rejected' && report.rejectsFile !== null) return code(report.rejectsFile);
  const file = targetFile(flow.step);
  if (file === null || isAside(flow)) return words('—');
  const table = targetTable(flow.step);
  return table === null ? code(file) : say`${file} ${table}`;
}

function how(report: RunReport, flow: Flow): string {
  if (flow.rows === 0) return 'no rows to move';
  if (flow.kind !== 'inserted') return kindWords[flow.kind];
  if (flow.step.strategy === 'config') return report.dryRun ? 'would be written' : 'written';
  return report.dryRun ? 'would be inserted' : 'inserted';
}
