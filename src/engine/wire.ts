/**
 * What the two ends of the link call on each other. Callers never see it: they see `Engine` of `protocol.ts`.
 *
 * Every request carries an id of the client's choosing, and so does every event: several requests share one link.
 */
import type { EngineEvents, ProgressEvent, Reply, RequestName, RunPhase } from './protocol';

/** What the engine's end answers to. */
export interface ServerFunctions {
  request(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>>;
}

/** What the caller's end answers to. The first two are events: nobody waits for an answer. */
export interface ClientFunctions {
  progress(id: number, event: ProgressEvent): void;
  log(id: number, ...line: Parameters<EngineEvents['log']>): void;
  /** Asks leave to publish. True: the caller will not cancel any more. False: it has given the request up. */
  beginPublishing(id: number): boolean;
}

/** From `publish` on, files change: nothing may end the engine but its own work. */
export function isPublishing(phase: RunPhase): boolean {
  switch (phase) {
    case 'publish':
    case 'report':
      return true;
    case 'read':
    case 'apply':
    case 'validate':
    case 'backup':
      return false;
  }
}
