/** The engine's own handlers as the engine, without a process: real files, real SQLite. */
import type { EngineClient } from '../../../../src/engine/client';
import { handlers, silent } from '../../../support/workspace';

export const engine: Pick<EngineClient, 'request' | 'running'> = {
  running: true,
  // The compiler cannot see that a name and its handler belong together.
  request: (name, params) => (handlers[name] as (params: unknown, events: unknown) => Promise<never>)(params, silent),
};

export const goOn = new AbortController().signal;
