/** Handlers whose code is loaded with the first request for one of them: a start loads what it is started for. */
import { loadedOnce } from './loaded-once';
import type { RequestName } from './protocol';
import type { EngineHandlers, HandlerEvents } from './server';

type AnyHandler = (params: unknown, events: HandlerEvents) => Promise<unknown>;

export function deferred<N extends RequestName>(
  names: readonly N[],
  load: () => Promise<Pick<EngineHandlers, N>>,
): Pick<EngineHandlers, N> {
  const loaded = loadedOnce(load);
  const call = (name: N): AnyHandler => {
    return async (params, events) => {
      const handlers = await loaded();
      return (handlers[name] as AnyHandler)(params, events);
    };
  };
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Pick<EngineHandlers, N>;
}
