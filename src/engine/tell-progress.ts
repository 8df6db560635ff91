/** Progress out of a process that is about to be busy. */
import type { HandlerEvents } from './server';

/** Lets the message leave the process before the next long statement blocks it. */
export async function tellProgress(
  events: HandlerEvents,
  phase: Parameters<HandlerEvents['progress']>[0]['phase'],
  message: string,
): Promise<void> {
  events.progress({ phase, message });
  await new Promise((done) => setImmediate(done));
}
