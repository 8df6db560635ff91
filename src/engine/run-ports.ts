/** The core's ports of one request: the machine's, and the events of whoever asked. */
import type { RunPorts } from '../core/migration/ports';
import type { HandlerPorts } from './handler-ports';
import type { HandlerEvents } from './server';
import { tellProgress } from './tell-progress';

export async function runPorts(ports: HandlerPorts, events: HandlerEvents): Promise<RunPorts> {
  return {
    ...ports,
    engine: await ports.loadEngine(),
    beginPublishing: () => events.beginPublishing(),
    onProgress: (phase, message) => tellProgress(events, phase, message),
    onLog: (level, line) => events.log(level, line),
  };
}
