import type { Services } from '../services';

/** "Show Log". */
export function showLog({ log }: Services): void {
  log.show();
}
