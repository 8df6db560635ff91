/**
 * Cleaning up when this process ends early: Ctrl+C, a CI job that is cancelled, an uncaught error. The servers run in
 * process groups of their own, so nobody else would end them.
 */
const cleanups = new Set<() => void>();
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
let isListening = false;

/** Runs `cleanup` (synchronous) should the process end before the returned function is called. */
export function runAtExit(cleanup: () => void): () => void {
  if (!isListening) {
    isListening = true;
    process.once('exit', () => cleanups.forEach((run) => run()));
    // Without a listener a signal ends the process at once, and 'exit' never comes.
    for (const [signal, code] of Object.entries(signals)) process.once(signal, () => process.exit(code));
  }
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}
