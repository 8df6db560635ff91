import type { ViewServices } from '../services';

/** "Show Log". */
export function showLog({ log }: ViewServices): void {
  log.show();
}
