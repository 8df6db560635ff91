/** The engine in a child process, and the link to it. */
import { createBirpc, type BirpcReturn } from 'birpc';
import { fork as forkProcess, type ChildProcess, type ForkOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EngineEnded, type EngineChild, type StartEngine } from './engine-child';
import type { EngineEvents, Reply, RequestName } from './protocol';
import type { ClientFunctions, ServerFunctions } from './wire';

type Fork = (modulePath: string, options: ForkOptions) => ChildProcess;

/** @param enginePath absolute path of the built engine, `dist/engine.js` */
export function inProcess(enginePath: string, fork: Fork = forkProcess): StartEngine {
  return (functions, log) => {
    const child = fork(enginePath, {
      serialization: 'advanced',
      // Inside VS Code the executable is Electron: this makes it behave as plain Node.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new EngineProcess(child, functions, log);
  };
}

/** How long messages that the child sent before it exited may take to be read. Milliseconds. */
const drainTime = 1000;

class EngineProcess implements EngineChild {
  private readonly rpc: BirpcReturn<ServerFunctions, ClientFunctions>;
  private readonly whenEnded: Promise<string>;
  private over = false;

  constructor(
    private readonly child: ChildProcess,
    functions: ClientFunctions,
    log: EngineEvents['log'],
  ) {
    this.rpc = createBirpc<ServerFunctions, ClientFunctions>(functions, {
      post: (message: unknown) => this.post(message),
      on: (listener) => {
        child.on('message', listener);
      },
      timeout: -1,
    });
    this.whenEnded = endOf(child);
    void this.whenEnded.then((reason) => {
      this.over = true;
      this.rpc.$close(new EngineEnded(reason));
    });
    pipeLines(child.stdout, (line) => log('info', line));
    pipeLines(child.stderr, (line) => log('warn', line));
  }

  get usable(): boolean {
    return !this.over && this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  async call(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>> {
    try {
      return await this.rpc.request(id, name, params);
    } catch (error) {
      // A message that could not be sent, because the child just went away, is reported as the end that it is.
      if (error instanceof EngineEnded || this.usable) throw error;
      throw new EngineEnded(await this.whenEnded, { cause: error });
    }
  }

  kill(): void {
    this.over = true;
    this.child.kill('SIGKILL');
    this.rpc.$close(new EngineEnded('it was stopped'));
  }

  release(): void {
    this.over = true;
    if (this.child.connected) this.child.disconnect();
    this.child.unref();
    this.rpc.$close(new EngineEnded('it was let go'));
  }

  private post(message: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.send(message as object, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}

/** Resolves with how the process ended, in words, after the last message that it sent has been read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    // Not once: a second one that nobody listens to would end the extension host.
    child.on('error', (error) => resolve(`it could not be started: ${error.message}`));
    const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
      resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`);
    child.once('close', ended);
    // `close` waits for the pipes, which a grandchild could hold open for ever.
    child.once('exit', (code, signal) => setTimeout(ended, drainTime, code, signal).unref());
  });
}

function pipeLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
}
