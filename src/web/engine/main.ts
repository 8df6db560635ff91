/** The engine in a web worker: `dist/engine-web.js`. Its first message brings all that it works with. */
import { createBirpc } from 'birpc';
import { loadSqlJs } from '../../core/sqlite/sql-js-engine';
import { loadedOnce } from '../../engine/loaded-once';
import { serve, type EnginePort } from '../../engine/server';
import { needsDisk } from './file-store';
import { createWebHandlers } from './handlers';
import type { HostFiles } from './host-files';
import type { WorkerStart } from './worker-start';

self.onmessage = ({ data }: MessageEvent<WorkerStart>) => {
  self.onmessage = null;
  const host = createBirpc<HostFiles, object>({}, { ...channelOf(data.files), timeout: -1 });
  const handlers = createWebHandlers(
    host,
    loadedOnce(() => loadSqlJs(data.wasm)),
  );
  serve(handlers, portOf(data.requests), (name) => needsDisk(`${name} cannot be done here`));
};

/** The host ends its workers itself; it cannot go and leave one behind. */
function portOf(port: MessagePort): EnginePort {
  const { post, on } = channelOf(port);
  return { send: post, onMessage: on, onDisconnect: () => undefined, exit: () => self.close() };
}

function channelOf(port: MessagePort): {
  readonly post: (message: unknown) => void;
  readonly on: (listener: (message: unknown) => void) => void;
} {
  return {
    post: (message) => port.postMessage(message),
    on: (listener) => {
      port.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
    },
  };
}
