/**
 * The engine as the extension host sees it: a child (a process, in a browser a worker) that starts with the first
 * request, ends when it has been idle for a while, and is killed to cancel.
 *
 * Reading is sent again, once, when the child was lost; a run is never replayed: what it did is read from the manifest.
 */
import { CoreError } from '../core/errors';
import { browseReadOnly } from './browse-protocol';
import { EngineEnded, type EngineChild, type StartEngine } from './engine-child';
import type { Engine, EngineEvents, EngineRequests, RequestName, RequestOptions } from './protocol';
import { queryReadOnly } from './query-protocol';
import { isPublishing, type ClientFunctions } from './wire';

export interface EngineOptions {
  /** Makes a child: {@link ./engine-process}, in a browser {@link ./engine-worker}. */
  readonly start: StartEngine;
  /** Receives what the engine logs and prints. */
  readonly log: EngineEvents['log'];
  /** The child ends after so many milliseconds without a request. */
  readonly idleMilliseconds?: number;
}

export interface EngineClient extends Engine {
  /** How many children have been started so far. */
  readonly starts: number;
  /** Whether a child is alive now. */
  readonly running: boolean;
  /** Ends the child, or lets it finish what it is publishing; every pending request rejects. */
  dispose(): void;
}

/** Which requests change nothing, so that they can be sent again to a fresh child. */
const readOnly: Readonly<Record<RequestName, boolean>> = {
  'catalogue.findDataFolder': true,
  'catalogue.inventory': true,
  'catalogue.describe': true,
  'catalogue.countRows': true,
  'catalogue.status': true,
  'plan.check': true,
  'plan.print': true,
  'plan.describe': true,
  'compare.databases': true,
  'compare.row': true,
  'migration.run': false,
  'archive.plan': true,
  'archive.run': false,
  'archive.list': true,
  'archive.restore': false,
  'undo.rollBack': false,
  'backups.list': true,
  'backups.restore': false,
  'report.latest': true,
  'report.standing': true,
  ...browseReadOnly,
  ...queryReadOnly,
};

/** A request that was sent and not answered yet. */
interface Flight {
  readonly name: RequestName;
  readonly options: RequestOptions;
  /** Files may have changed: it cannot be cancelled any more. */
  publishing: boolean;
  /** The child was ended under it, because another request was given up. */
  bystander: boolean;
}

export function createEngine(options: EngineOptions): EngineClient {
  return new ChildEngine(options);
}

class ChildEngine implements EngineClient {
  private readonly flights = new Map<number, Flight>();
  private child: EngineChild | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private lastRun: Promise<unknown> = Promise.resolve();
  private lastId = 0;
  private disposed = false;
  starts = 0;

  constructor(private readonly config: EngineOptions) {}

  get running(): boolean {
    return this.child?.usable ?? false;
  }

  request<N extends RequestName>(
    name: N,
    params: EngineRequests[N]['params'],
    options: RequestOptions = {},
  ): Promise<EngineRequests[N]['result']> {
    if (readOnly[name]) return this.send(name, params, options);
    // A run waits here, not in the engine, so that one cancelled while it waits is never started.
    let waiting = true;
    const result = this.lastRun.then(() => {
      waiting = false;
      return this.send(name, params, options);
    });
    this.lastRun = result.catch(() => undefined);
    return withAbort(result, options.signal, () => waiting);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.idleTimer);
    if ([...this.flights.values()].some((flight) => flight.publishing)) this.child?.release();
    else this.child?.kill();
    this.child = undefined;
  }

  private async send<N extends RequestName>(
    name: N,
    params: EngineRequests[N]['params'],
    options: RequestOptions,
  ): Promise<EngineRequests[N]['result']> {
    for (let mayRetry = readOnly[name]; ;) {
      const flight: Flight = { name, options, publishing: false, bystander: false };
      try {
        // The wire carries plain data: the reply to a name is what the protocol says it is.
        return (await this.fly(flight, params)) as EngineRequests[N]['result'];
      } catch (error) {
        if (!(error instanceof EngineEnded)) throw error;
        if (this.disposed) throw new CoreError('cancelled', 'The engine was closed.', { cause: error });
        if (!mayRetry) throw died(error, flight);
        // Whoever sees others being cancelled, however often, has not been tried in vain.
        mayRetry = flight.bystander;
      }
    }
  }

  private async fly(flight: Flight, params: unknown): Promise<unknown> {
    const { signal } = flight.options;
    if (this.disposed) throw new CoreError('cancelled', 'The engine was closed.');
    if (signal?.aborted === true) throw cancelled();
    const child = this.acquire();
    const id = ++this.lastId;
    this.flights.set(id, flight);
    try {
      const reply = await withAbort(child.call(id, flight.name, params), signal, () => {
        if (flight.publishing) return false;
        this.flights.delete(id);
        this.abandon(child);
        return true;
      });
      if (!reply.ok) throw CoreError.fromData(reply.error);
      return reply.value;
    } finally {
      this.flights.delete(id);
      this.restWhenIdle();
    }
  }

  private acquire(): EngineChild {
    clearTimeout(this.idleTimer);
    if (this.child?.usable === true) return this.child;
    this.starts++;
    this.child = this.config.start(this.functions(), this.config.log);
    return this.child;
  }

  private functions(): ClientFunctions {
    return {
      progress: (id, event) => {
        const flight = this.flights.get(id);
        if (flight === undefined) return;
        if (isPublishing(event.phase)) flight.publishing = true;
        flight.options.onProgress?.(event);
      },
      log: (_id, level, line) => this.config.log(level, line),
      beginPublishing: (id) => {
        const flight = this.flights.get(id);
        if (flight === undefined) return false;
        flight.publishing = true;
        return true;
      },
    };
  }

  /** Ends the child, because a request on it was given up; but never under a run that somebody still waits for. */
  private abandon(child: EngineChild): void {
    const others = [...this.flights.values()];
    if (others.some((flight) => !readOnly[flight.name])) return;
    for (const flight of others) flight.bystander = true;
    child.kill();
  }

  private restWhenIdle(): void {
    if (this.flights.size > 0 || this.disposed) return;
    clearTimeout(this.idleTimer);
    const timer: { unref?(): unknown } = (this.idleTimer = setTimeout(
      () => this.child?.kill(),
      this.config.idleMilliseconds ?? 60_000,
    ));
    // A browser's timer is a number, and keeps nothing alive.
    timer.unref?.();
  }
}

/** The promise, or a rejection as soon as the signal fires and `onAbort` agrees to give up. */
function withAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined, onAbort: () => boolean): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      if (onAbort()) reject(cancelled());
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function cancelled(): CoreError {
  return new CoreError('cancelled', 'Cancelled. Nothing was changed.');
}

function died(error: EngineEnded, flight: Flight): CoreError {
  const hint = flight.publishing
    ? 'Publishing had begun. Nothing is lost: the backup is complete, and the next run reads its manifest to finish or to say what is left.'
    : 'It may have run out of memory. No file was changed; close other programs and try again.';
  return new CoreError('engine-died', `The engine ended unexpectedly (${error.message}).`, { hint, cause: error });
}
