/**
 * `npm run bench`: how long our whole run takes (snapshot, backup, migration, every tier, publication, report), as ratios
 * to peers measured in the same minute; how time and memory grow with the rows; the 29 small databases; and what a person
 * waits for in a real window.
 *
 * `--rows N` for the comparison (500,000), `--rounds N` (5), `--only peers|scaling|small|viewer`. Works in a temporary folder
 * that is removed afterwards. Ends with 1 only where something failed to run: a slow machine is no failure.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunReport } from '../src/core/report/model';
import { makeWorkspace } from './bench/data';
import { measure, spreadOf, type Measurement } from './bench/measure';
import { peers, type Peer } from './bench/peers';
import { timeViewer } from './bench/viewer';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const cli = join(root, 'dist', 'cli.js');

/** What must hold; the ratios to peers are with the peers. */
const bars = {
  /** Time per row at the larger size over that at the smaller one. */
  growth: 1.25,
  memoryFactor: 3.5,
  memoryBase: 200e6,
  migrateSeconds: 3,
  inventorySeconds: 1,
  /** In the window, milliseconds. */
  tree: 500,
  firstRows: 1500,
  jump: 100,
} as const;
const viewedRows = 1_000_000;
const growthRows = [100_000, 2_000_000] as const;

type Section = (folder: string, options: Options) => Promise<void>;
interface Options {
  readonly rows: number;
  readonly rounds: number;
}

const sections: Readonly<Record<string, Section>> = {
  peers: comparePeers,
  scaling: compareSizes,
  small: timeSmall,
  viewer: timeWindow,
};

async function comparePeers(folder: string, { rows, rounds }: Options): Promise<void> {
  heading(`${count(rows)} llm_usage rows, ${rounds} rounds, interleaved`);
  const base = join(folder, 'base');
  const bytes = await makeWorkspace(base, rows);
  const present: Peer[] = [];
  for (const peer of peers) {
    const version = await peer.find();
    console.log(`${peer.name}: ${version ?? 'absent'} (${peer.what})`);
    if (version !== null) present.push(peer);
  }
  const ours: Run[] = [];
  const theirs = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    // Every other round the other way about: who comes second finds the machine warmer.
    const turns = [
      async () => void ours.push(await inCopy(base, (workspace) => migrate(workspace, '--analytics'))),
      ...present.map((peer) => async () => {
        const { seconds } = await inCopy(base, (workspace) => peer.run(workspace));
        theirs.set(peer.name, [...(theirs.get(peer.name) ?? []), seconds]);
      }),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    const took = present.map(({ name }) => `${name} ${fixed(theirs.get(name)?.[round])} s`);
    console.log(`round ${round + 1}: ours ${fixed(ours[round]?.seconds)} s${took.map((text) => `, ${text}`).join('')}`);
  }
  const lines: (readonly string[])[] = [['', 'median', 'min', 'max', 'bar', 'aim']];
  lines.push(['ours, s', ...spread(ours.map(({ seconds }) => seconds)), '', '']);
  for (const peer of peers) {
    const seconds = theirs.get(peer.name);
    if (seconds === undefined) {
      lines.push([`ours / ${peer.name}`, 'absent', '', '', `≤ ${peer.bar}`, String(peer.aim)]);
      continue;
    }
    lines.push([`${peer.name}, s`, ...spread(seconds), '', '']);
    const ratios = seconds.map((value, round) => (ours[round]?.seconds ?? NaN) / value);
    lines.push([`ours / ${peer.name}`, ...spread(ratios), `≤ ${peer.bar}`, String(peer.aim)]);
  }
  lines.push(memoryLine(ours, bytes));
  table(lines);
  const names = [...new Set(ours.flatMap(({ report }) => report.phases.map(({ name }) => name)))];
  const phase = (name: string): readonly number[] =>
    ours.map(({ report }) => (report.phases.find((entry) => entry.name === name)?.milliseconds ?? 0) / 1000);
  table([['phase, s', 'median', 'min', 'max'], ...names.map((name) => [name, ...spread(phase(name))])]);
}

async function compareSizes(folder: string, { rounds }: Options): Promise<void> {
  const [few, many] = growthRows;
  heading(`Growth from ${count(few)} to ${count(many)} rows`);
  const bases = await Promise.all(
    growthRows.map(async (rows) => {
      const base = join(folder, `base-${rows}`);
      return { rows, base, bytes: await makeWorkspace(base, rows), runs: [] as Run[] };
    }),
  );
  for (let round = 0; round < Math.min(rounds, 3); round++)
    for (const { base, runs } of bases) runs.push(await inCopy(base, (workspace) => migrate(workspace, '--analytics')));
  const perRow = bases.map(({ rows, runs }) => runs.map(({ seconds }) => (seconds / rows) * 1e6));
  const growth = (perRow[1] ?? []).map((value, round) => value / (perRow[0]?.[round] ?? NaN));
  table([
    ['', 'median', 'min', 'max', 'bar'],
    ...bases.map(({ rows }, index) => [`${count(rows)} rows, µs a row`, ...spread(perRow[index] ?? []), '']),
    ['growth', ...spread(growth), `≤ ${bars.growth}`],
    ...bases.map(({ runs, bytes }) => memoryLine(runs, bytes)),
  ]);
}

async function timeSmall(folder: string, { rounds }: Options): Promise<void> {
  heading('29 small databases');
  const base = join(folder, 'small');
  await makeSample(base, { all: true });
  const migrated: number[] = [];
  const listed: number[] = [];
  for (let round = 0; round < rounds; round++) {
    listed.push((await measure(process.execPath, [cli, 'inventory', '--json', '--workspace', base])).seconds);
    migrated.push((await inCopy(base, (workspace) => migrate(workspace))).seconds);
  }
  table([
    ['', 'median', 'min', 'max', 'bar'],
    ['migrate, all domains, s', ...spread(migrated), `< ${bars.migrateSeconds}`],
    ['inventory, s', ...spread(listed), `< ${bars.inventorySeconds}`],
  ]);
}

async function timeWindow(folder: string, { rounds }: Options): Promise<void> {
  heading(`A table of ${count(viewedRows)} rows in a real window`);
  const times = await timeViewer(join(folder, 'viewer'), viewedRows, rounds);
  console.log(
    `large.db: ${count(Math.round(times.bytes / 1e6))} MB; rows in the page after the jumps: ${times.heldRows}`,
  );
  table([
    ['', 'median', 'min', 'max', 'bar'],
    ['tree of 29 databases, ms', ...spread(times.tree, 0), `≤ ${bars.tree}`],
    ['first rows after the click, ms', ...spread(times.firstRows, 0), `≤ ${bars.firstRows}`],
    ['jump, ms', ...spread(times.jumps, 0), `≤ ${bars.jump}`],
    ['longest frame while a filter is typed, ms', times.longestFrame.toFixed(0), '', '', ''],
  ]);
}

interface Run extends Measurement {
  readonly report: RunReport;
}

async function migrate(workspace: string, ...flags: readonly string[]): Promise<Run> {
  const run = await measure(process.execPath, [cli, 'migrate', ...flags, '--json', '--workspace', workspace]);
  const report = JSON.parse(run.stdout) as RunReport;
  if (report.outcome !== 'committed') throw new Error(`A run that was to be measured ended as ${report.outcome}.`);
  return { ...run, report };
}

/** Copying is not measured; what was written is gone before the next turn. */
async function inCopy<T>(base: string, body: (workspace: string) => Promise<T>): Promise<T> {
  const copy = `${base}-run`;
  await cp(base, copy, { recursive: true });
  try {
    return await body(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** @param bytes of the databases involved, as they were before the run */
function memoryLine(runs: readonly Run[], bytes: number): readonly string[] {
  const peaks = runs.flatMap(({ peak }) => (peak === null ? [] : [peak / 1e6]));
  const label = `peak memory, MB, of ${count(Math.round(bytes / 1e6))} MB`;
  const bar = `≤ ${Math.round((bars.memoryFactor * bytes + bars.memoryBase) / 1e6)}`;
  return peaks.length === 0 ? [label, 'not told', '', '', bar] : [label, ...spread(peaks, 0), bar];
}

function spread(values: readonly number[], digits = 2): readonly string[] {
  const { median, least, most } = spreadOf(values);
  return [median, least, most].map((value) => fixed(value, digits));
}

function fixed(value: number | undefined, digits = 2): string {
  return value === undefined || Number.isNaN(value) ? '?' : value.toFixed(digits);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function heading(text: string): void {
  console.log(`\n── ${text}`);
}

function table(lines: readonly (readonly string[])[]): void {
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

function tellMachine(): void {
  const memory = Math.round(totalmem() / 1024 ** 3);
  console.log(
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${memory} GiB, ${platform()} ${release()}, Node ${process.versions.node}`,
  );
}

function readNumber(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}.`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '500000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true },
    },
  });
  const options = { rows: readNumber(values.rows, 'rows'), rounds: readNumber(values.rounds, 'rounds') };
  const chosen = (values.only ?? Object.keys(sections)).map((name) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`There is no ${name}, only ${Object.keys(sections).join(', ')}.`);
    return section;
  });
  const tsx = resolve(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsx.cmd' : 'tsx');
  const built = spawnSync(tsx, [join(__dirname, 'build.ts')], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (built.status !== 0) throw new Error('The build failed.');
  tellMachine();
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-bench-'));
  try {
    for (const section of chosen) await section(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
