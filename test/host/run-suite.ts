/**
 * Runs a suite inside the extension host of a real VS Code:
 *
 *     tsx test/host/run-suite.ts <bundled tests entry> [--folder DIR] [--extension DIR] [--timeout SECONDS] [--trust] [--web]
 *
 * With `--web`, it is VS Code's web worker host, and the entry is one bundle without Node.
 *
 * Exit code 0: tests passed and none failed. 1: a test failed. 2: no counts came, whatever the reason (the extension
 * host died, the server died, the time was up); the logs of the window and the server are printed then.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from './browser';
import { startServer, type Server } from './server';
import { inWebWorker } from './settings';
import { countsMark, lineMark, type Counts } from './suite-marks';
import { openWindow, type Browser } from './window';

interface SuiteOptions {
  readonly entry: string;
  readonly folder: string | undefined;
  readonly extension: string;
  readonly timeoutMs: number;
  readonly workspaceTrust: boolean;
  readonly web: boolean;
}

interface SuiteResult {
  /** Why the run ended: `exit code 0` of the window, or what went wrong. */
  readonly ending: string;
  readonly counts: Counts | undefined;
  readonly windowLog: readonly string[];
}

async function main(): Promise<number> {
  const options = readOptions();
  const server = await startServer({
    workspaceTrust: options.workspaceTrust,
    ...(options.web ? { settings: inWebWorker } : {}),
  });
  try {
    const browser = await launchBrowser();
    try {
      const result = await runSuite(server, browser, options);
      return await reportResult(server, result);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

function readOptions(): SuiteOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string' },
      extension: { type: 'string', default: resolve(__dirname, '..', '..') },
      timeout: { type: 'string', default: '300' },
      trust: { type: 'boolean', default: false },
      web: { type: 'boolean', default: false },
    },
  });
  const [entry] = positionals;
  const timeoutMs = Number(values.timeout) * 1000;
  if (entry === undefined || positionals.length > 1) throw new Error('name one bundled tests entry');
  if (!existsSync(entry)) throw new Error(`no such tests entry: ${entry}`);
  if (!(timeoutMs > 0)) throw new Error(`--timeout takes seconds, not ${values.timeout}`);
  return {
    entry: resolve(entry),
    folder: values.folder,
    extension: values.extension,
    timeoutMs,
    workspaceTrust: values.trust,
    web: values.web,
  };
}

async function runSuite(server: Server, browser: Browser, options: SuiteOptions): Promise<SuiteResult> {
  let counts: Counts | undefined;
  const windowLog: string[] = [];
  const ending = await new Promise<string>((end, fail) => {
    // The extension host may die without a word, so the clock is the last one to say that it is over.
    setTimeout(() => end(`no end within ${options.timeoutMs / 1000} s`), options.timeoutMs).unref();
    void server.exited.then(end);
    openWindow(server, browser, {
      ...(options.folder === undefined ? {} : { folder: options.folder }),
      extensions: [options.extension],
      tests: options.entry,
      onLog: ({ level, text }) => {
        if (text.startsWith(lineMark)) console.log(text.slice(lineMark.length));
        else if (text.startsWith(countsMark)) counts = JSON.parse(text.slice(countsMark.length)) as Counts;
        else windowLog.push(`[${level}] ${text}`);
      },
      onExit: (code) => end(`exit code ${code}`),
    }).then((window) => void window.lost.then(end), fail);
  });
  return { ending, counts, windowLog };
}

async function reportResult(server: Server, { ending, counts, windowLog }: SuiteResult): Promise<number> {
  if (counts !== undefined) {
    console.log(`${counts.passes} passed, ${counts.failures} failed, ${counts.pending} skipped`);
    if (counts.failures > 0) return 1;
    if (counts.passes > 0 && ending === 'exit code 0') return 0;
  }
  const problem = counts === undefined ? 'no counts came from the suite' : 'the suite did not end as it should';
  console.error(`\nFailed: ${problem} (${ending})`);
  console.error(`--- log of the window\n${windowLog.map(dropWorkbenchFrames).join('\n').slice(-8_000)}`);
  console.error(`--- log of the server\n${(await server.readLog()).slice(-4_000)}`);
  return 2;
}

/** Stack frames of the minified workbench tell nobody anything and push what does out of sight. */
function dropWorkbenchFrames(text: string): string {
  return text.replace(/^ +at .*\/static\/out\/vs\/.*\n?/gm, '').trimEnd();
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
