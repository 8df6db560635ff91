/**
 * The engine's end of the link: takes requests from a port and hands them to the handlers. It knows no SQL and no file.
 *
 * Runs are strictly one at a time; everything else may interleave. When the caller is gone nobody can see a result, so
 * the process ends, unless files are being published: that is always finished first.
 */
import { createBirpc } from 'birpc';
import { CoreError, describeError } from '../core/errors';
import type { EngineEvents, EngineRequests, Reply, RequestName } from './protocol';
import { isPublishing, type ClientFunctions, type ServerFunctions } from './wire';

/** The events of one request, as its handler sees them. */
export interface HandlerEvents extends EngineEvents {
  /**
   * Resolves once the caller has promised not to cancel any more; to be awaited before the first file changes.
   *
   * Rejects with `CoreError('cancelled')` if the caller gave the request up in the meantime. Without this, a
   * cancellation that crosses the `publish` event on its way would end the engine in the middle of a publication.
   */
  beginPublishing(): Promise<void>;
}

export type EngineHandlers = {
  readonly [N in RequestName]: (
    params: EngineRequests[N]['params'],
    events: HandlerEvents,
  ) => Promise<EngineRequests[N]['result']>;
};

/** What the server needs of its process (or, one day, of its worker). */
export interface EnginePort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onDisconnect(listener: () => void): void;
  exit(): void;
}

/** What changes files, or loads every database there is: two at once would need twice the memory. */
const oneAtATime: ReadonlySet<RequestName> = new Set([
  'migration.run',
  'catalogue.status',
  'compare.databases',
  'compare.row',
  'archive.plan',
  'archive.run',
  'archive.restore',
  'undo.rollBack',
  'backups.restore',
]);

type AnyHandler = (params: unknown, events: HandlerEvents) => Promise<unknown>;

/**
 * Serves the handlers until the port disconnects.
 *
 * @param refusal what a request gets for which there is no handler
 */
export function serve(
  handlers: Partial<EngineHandlers>,
  port: EnginePort,
  refusal = (name: string): CoreError => new CoreError('internal', `The engine has no request named "${name}".`),
): void {
  const publishing = new Set<number>();
  let disconnected = false;
  let lastRun: Promise<unknown> = Promise.resolve();

  const functions: ServerFunctions = {
    request(id, name, params) {
      if (!oneAtATime.has(name)) return answer(id, name, params);
      const reply = lastRun.then(() => answer(id, name, params));
      lastRun = reply;
      return reply;
    },
  };
  const client = createBirpc<ClientFunctions, ServerFunctions>(functions, {
    post: (message: unknown) => {
      if (!disconnected) port.send(message);
    },
    on: (listener) => port.onMessage(listener),
    timeout: -1,
  });

  async function answer(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>> {
    try {
      if (disconnected) throw new CoreError('cancelled', 'The caller is gone.');
      // The one place where a name meets its handler: the client's types guarantee that the parameters belong to it.
      const handler = Object.hasOwn(handlers, name) ? (handlers[name] as AnyHandler) : undefined;
      if (handler === undefined) throw refusal(name);
      return { ok: true, value: await handler(params, eventsOf(id)) };
    } catch (error) {
      return { ok: false, error: describeError(error) };
    } finally {
      publishing.delete(id);
      if (disconnected && publishing.size === 0) port.exit();
    }
  }

  function eventsOf(id: number): HandlerEvents {
    return {
      progress(event) {
        if (isPublishing(event.phase)) publishing.add(id);
        tell(client.progress.asEvent(id, event));
      },
      log(level, line) {
        tell(client.log.asEvent(id, level, line));
      },
      async beginPublishing() {
        if (disconnected || !(await client.beginPublishing(id))) {
          throw new CoreError('cancelled', 'The run was cancelled before anything was published.');
        }
        publishing.add(id);
      },
    };
  }

  port.onDisconnect(() => {
    disconnected = true;
    client.$close(new CoreError('cancelled', 'The caller is gone.'));
    if (publishing.size === 0) port.exit();
  });
}

/** An event that cannot be delivered concerns nobody: the run goes on, and the loss of the link is noticed elsewhere. */
function tell(sent: Promise<void>): void {
  sent.catch(() => undefined);
}

/** The port of a process that was started with `child_process.fork`. */
export function processPort(): EnginePort {
  return {
    send(message) {
      // With a callback, a channel that closed in the meantime is not thrown as an uncaught exception.
      process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage(listener) {
      process.on('message', listener);
    },
    onDisconnect(listener) {
      process.on('disconnect', listener);
    },
    exit() {
      process.exit(0);
    },
  };
}
