/** The engine's own handlers as the engine, without a process: real files, real SQLite. */
import type { Engine } from '../../../../src/engine/protocol';
import { handlers, silent } from '../../../support/workspace';

export const engine: Engine = {
  // The compiler cannot see that a name and its handler belong together.
  request: (name, params) => (handlers[name] as (params: unknown, events: unknown) => Promise<never>)(params, silent),
};

export const goOn = new AbortController().signal;
