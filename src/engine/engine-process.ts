/** One engine child process and the link to it. Lives until it ends; a new one is made for the next request. */
import { createBirpc, type BirpcReturn } from 'birpc';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { EngineEvents, Reply, RequestName } from './protocol';
import type { ClientFunctions, ServerFunctions } from './wire';

/** Thrown by {@link EngineProcess.call} when the process ended before it answered. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';
}

/** How long messages that the child sent before it exited may take to be read. Milliseconds. */
const drainTime = 1000;

export class EngineProcess {
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

  /** False from the moment the process is known to be ending: nothing more can be sent to it. */
  get usable(): boolean {
    return !this.over && this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @throws EngineEnded if the process ends before it answers. */
  async call(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>> {
    try {
      return await this.rpc.request(id, name, params);
    } catch (error) {
      // A message that could not be sent, because the child just went away, is reported as the end that it is.
      if (error instanceof EngineEnded || this.usable) throw error;
      throw new EngineEnded(await this.whenEnded, { cause: error });
    }
  }

  /** Ends the process at once, whatever it is doing. Calls that wait for an answer reject without delay. */
  kill(): void {
    this.over = true;
    this.child.kill('SIGKILL');
    this.rpc.$close(new EngineEnded('it was stopped'));
  }

  /** Cuts the link and lets the process finish what it is publishing; it then ends by itself. */
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
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
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
