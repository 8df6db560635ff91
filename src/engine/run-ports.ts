/** The core's ports of one request: the machine's, and the events of whoever asked. */
import type { RunPorts } from '../core/migration/ports';
import type { HandlerPorts } from './handlers';
import type { HandlerEvents } from './server';

export async function runPorts(ports: HandlerPorts, events: HandlerEvents): Promise<RunPorts> {
  return {
    ...ports,
    engine: await ports.loadEngine(),
    beginPublishing: () => events.beginPublishing(),
    onProgress: async (phase, message) => {
      events.progress({ phase, message });
      // Lets the message leave the process before the next long statement blocks it.
      await new Promise((done) => setImmediate(done));
    },
    onLog: (level, line) => events.log(level, line),
  };
}
