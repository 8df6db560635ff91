/** What the client knows of the engine that it has started, wherever that runs. Lives until it ends, and is not used again. */
import type { EngineEvents, Reply, RequestName } from './protocol';
import type { ClientFunctions } from './wire';

export interface EngineChild {
  /** False from the moment the child is known to be ending: nothing more can be sent to it. */
  readonly usable: boolean;
  /** @throws EngineEnded if the child ends before it answers. */
  call(id: number, name: RequestName, params: unknown): Promise<Reply<unknown>>;
  /** Ends the child at once, whatever it is doing. Calls that wait for an answer reject without delay. */
  kill(): void;
  /** Cuts the link and lets the child finish what it is publishing; it then ends by itself. */
  release(): void;
}

/** Starts a child that calls `functions` and says what it has to say to `log`. */
export type StartEngine = (functions: ClientFunctions, log: EngineEvents['log']) => EngineChild;

/** Thrown by {@link EngineChild.call} when the child ended before it answered. */
export class EngineEnded extends Error {
  override readonly name = 'EngineEnded';
}
