/**
 * `npm test`: everything that must hold, suite by suite, and one line with the sum at the end.
 *
 * A suite that ends badly without counting a failed test (it crashed, it hung, it found no test) counts as one failure:
 * silence is never success. `npm test -- unit inspector-window` runs the suites named.
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Suite {
  readonly name: string;
  /** Commands in turn; the counts of the last one count, the others only have to succeed. */
  readonly commands: readonly (readonly string[])[];
  /** A check without counts of its own is one test. */
  readonly single?: boolean;
  /** Where it fails, all of it is run once more, and what counts is the second time. */
  readonly secondTry?: boolean;
}

const root = resolve(__dirname, '..');
const bin = join(root, 'node_modules', '.bin');

const mocha = (...files: readonly string[]): readonly string[] => [
  'mocha',
  '--import=tsx',
  '--forbid-only',
  '--timeout=60000',
  ...files,
];

const unitOf = (...folders: readonly string[]): readonly string[] =>
  folders.map((folder) => `test/unit/core/${folder}/**/*.test.ts`);
/** The unit tests in three parts, about as long as one another. */
const migration = unitOf('config', 'migration', 'plan', 'report');
const storage = unitOf('archive', 'storage', 'undo');

/** Two at a time, in this order: what others need, and then the longest first. */
const computing: readonly Suite[] = [
  { name: 'host', commands: [['tsx', 'test/host/install.ts']], single: true },
  { name: 'build', commands: [['tsx', 'scripts/build.ts']], single: true },
  { name: 'storage', commands: [mocha(...storage)] },
  { name: 'migration', commands: [mocha(...migration)] },
  { name: 'cli', commands: [mocha('test/cli/**/*.test.ts')] },
  {
    name: 'unit',
    commands: [mocha(...[...storage, ...migration].map((files) => `--ignore=${files}`), 'test/unit/**/*.test.ts')],
  },
  { name: 'lint', commands: [['eslint', '.']], single: true },
  {
    name: 'types',
    commands: [
      ['tsc', '--noEmit'],
      ['tsc', '--noEmit', '-p', 'src/webview'],
      ['tsc', '--noEmit', '-p', 'src/web'],
      ['tsc', '--noEmit', '-p', 'test/host/web-suite'],
    ],
    single: true,
  },
  { name: 'format', commands: [['prettier', '--check', '--log-level=warn', '.']], single: true },
  { name: 'engine', commands: [mocha('test/engine/**/*.test.ts')] },
];

/** One by one: the first builds `dist/` anew, and the second has no second try of a test that lost the focus. */
const alone: readonly Suite[] = [
  {
    name: 'package',
    commands: [['tsx', 'scripts/package.ts', 'out/jarvis-databases.vsix']],
    single: true,
  },
  {
    name: 'extension',
    commands: [
      ['tsx', 'test/host/build-suite.ts'],
      ['tsx', 'test/host/run-on-sample.ts'],
    ],
  },
];

/**
 * A suite for each file that drives windows, the longest first, as far as its size tells. A real window may miss a click
 * now and then; what is broken fails each time. The second try has a new window: what the first one left in its own
 * would fail it.
 */
function inWindows(...folders: readonly string[]): readonly Suite[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, 'test', 'ui', folder))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => ({
        suite: `${folder}-window/${name.slice(0, -'.test.ts'.length)}`,
        path: `test/ui/${folder}/${name}`,
      })),
  );
  const size = (path: string): number => statSync(join(root, path)).size;
  return files
    .sort((a, b) => size(b.path) - size(a.path))
    .map(({ suite, path }) => ({
      name: suite,
      commands: [mocha('--timeout=120000', '--bail', path)],
      secondTry: true,
    }));
}

/** Two at a time: a window waits more than it computes. Beside the others it would miss clicks. */
const driving: readonly Suite[] = [
  ...inWindows('inspector', 'migration', 'workspace', 'package'),
  {
    name: 'web',
    commands: [
      ['tsx', 'test/host/build-web-suite.ts'],
      ['tsx', 'test/host/run-on-sample.ts', '--web'],
    ],
  },
];

const suites = [...computing, ...alone, ...driving];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** No suite takes longer on a slow machine; one that hangs must not take the others' results with it. */
const longest = 9 * 60_000;

type Write = (text: string) => void;

/** @param isAlone what it prints is shown at once; else when it has ended, in one piece */
async function runSuite(suite: Suite, isAlone: boolean): Promise<Counts> {
  const { name } = suite;
  const kept: string[] = [];
  const write: Write = isAlone ? (text) => process.stdout.write(text) : (text) => kept.push(text);
  write(`\n── ${name}\n`);
  const started = Date.now();
  let counts = await runOnce(suite, write);
  if (counts.failed > 0 && suite.secondTry === true) {
    write(`${name} failed: a second try\n`);
    counts = await runOnce(suite, write);
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  write(`   ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s\n`);
  process.stdout.write(kept.join(''));
  return counts;
}

async function runOnce({ name, commands, single }: Suite, write: Write): Promise<Counts> {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, command] of commands.entries()) {
    const { code, output } = await execute(command, write);
    const last = index === commands.length - 1;
    if (last && single !== true) counts = readCounts(output);
    else if (last && code === 0) counts = { ...counts, passed: 1 };
    const silent = code === 0 && last && counts.passed === 0;
    if ((code !== 0 && counts.failed === 0) || silent) {
      write(silent ? `${name}: no test ran\n` : `${name}: ended with exit code ${code}\n`);
      counts = { ...counts, failed: counts.failed + 1 };
    }
    if (code !== 0) break;
  }
  return counts;
}

function execute(
  command: readonly string[],
  write: Write,
): Promise<{ readonly code: number; readonly output: string }> {
  const [name = '', ...args] = command;
  const child = spawn(resolve(bin, name), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    write(chunk.toString());
  });
  child.stderr.on('data', (chunk: Buffer) => write(chunk.toString()));
  const clock = setTimeout(() => {
    write(`still running after ${longest / 60_000} minutes: stopped\n`);
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  }, longest);
  return new Promise((done) => {
    child.on('close', (code) => {
      clearTimeout(clock);
      done({ code: code ?? 1, output });
    });
    child.on('error', (error) => {
      clearTimeout(clock);
      done({ code: 1, output: String(error) });
    });
  });
}

/** The sums as mocha's reporter prints them, or as the host's runner does. */
function readCounts(output: string): Counts {
  const host = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output);
  if (host !== null) return { passed: Number(host[1]), failed: Number(host[2]), skipped: Number(host[3]) };
  const find = (word: string): number => Number(new RegExp(`^ *(\\d+) ${word}\\b`, 'm').exec(output)?.[1] ?? 0);
  return { passed: find('passing'), failed: find('failing'), skipped: find('pending') };
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const isNamed = (suite: Suite, name: string): boolean => suite.name === name || suite.name.startsWith(`${name}/`);
  const unknown = wanted.filter((name) => !suites.some((suite) => isNamed(suite, name)));
  if (unknown.length > 0)
    throw new Error(`No suite ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const run = async (chosen: readonly Suite[], lanes: number): Promise<void> => {
    const waiting = chosen.filter((suite) => wanted.length === 0 || wanted.some((name) => isNamed(suite, name)));
    const isAlone = lanes === 1 || waiting.length === 1;
    const lane = async (): Promise<void> => {
      for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
        const counts = await runSuite(suite, isAlone);
        sum.passed += counts.passed;
        sum.failed += counts.failed;
        sum.skipped += counts.skipped;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  await run(computing, 2);
  await run(alone, 1);
  await run(driving, 2);
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
