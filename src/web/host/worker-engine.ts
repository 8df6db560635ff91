/**
 * The engine in a web worker of its own, and the link to it: a slow statement never holds the extension host up, and
 * ending the worker ends the statement.
 */
import { createBirpc } from 'birpc';
import { messageOf } from '../../core/errors';
import { EngineEnded, type EngineChild, type StartEngine } from '../../engine/engine-child';
import type { Reply, RequestName } from '../../engine/protocol';
import type { ClientFunctions, ServerFunctions } from '../../engine/wire';
import type { HostFiles } from '../engine/host-files';
import type { WorkerStart } from '../engine/worker-start';

export interface WorkerParts {
  /** The text of `dist/engine-web.js`. */
  readonly script: string;
  /** The bytes of `sql-wasm.wasm`. */
  readonly wasm: Uint8Array;
}

/** @param load reads the parts, for each worker anew */
export function inWorker(load: () => Promise<WorkerParts>, files: HostFiles): StartEngine {
  return (functions) => new EngineWorker(load, files, functions);
}

class EngineWorker implements EngineChild {
  private readonly requests = new MessageChannel();
  private readonly rpc;
  private worker: Worker | null = null;
  private readonly files = new MessageChannel();
  /** The URL of the script; what it stands for stays in memory until it is revoked. */
  private address: string | null = null;
  private over = false;

  constructor(load: () => Promise<WorkerParts>, files: HostFiles, functions: ClientFunctions) {
    const { port1 } = this.requests;
    this.rpc = createBirpc<ServerFunctions, ClientFunctions>(functions, {
      post: (message: unknown) => port1.postMessage(message),
      on: (listener) => {
        port1.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
      },
      timeout: -1,
    });
    load().then(
      (parts) => this.start(parts, files),
      (error: unknown) => this.end(`it could not be loaded: ${messageOf(error)}`),
    );
  }

  get usable(): boolean {
    return !this.over;
  }

  /** What is asked before the worker runs waits in its port. */
  async call(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>> {
    return this.rpc.request(id, name, params);
  }

  kill(): void {
    this.end('it was stopped');
  }

  /** Nothing is ever published here. */
  release(): void {
    this.end('it was let go');
  }

  private start({ script, wasm }: WorkerParts, hostFiles: HostFiles): void {
    if (this.over) return;
    // A worker's script must be of the page's origin, and the extension's files are not; a blob is.
    this.address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const worker = new Worker(this.address, { name: 'Jarvis Databases engine' });
    this.worker = worker;
    worker.onerror = ({ message }) => this.end(message);
    const { files } = this;
    createBirpc<object, HostFiles>(hostFiles, {
      post: (message: unknown) => files.port1.postMessage(message),
      on: (listener) => {
        files.port1.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
      },
      timeout: -1,
    });
    const start: WorkerStart = { requests: this.requests.port2, files: files.port2, wasm };
    worker.postMessage(start, [start.requests, start.files]);
  }

  private end(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.worker?.terminate();
    this.requests.port1.close();
    this.files.port1.close();
    // Not before: a worker may still be fetching it.
    if (this.address !== null) URL.revokeObjectURL(this.address);
    this.rpc.$close(new EngineEnded(reason));
  }
}
