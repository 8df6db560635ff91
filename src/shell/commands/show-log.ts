import type { Services } from '../services';

/** "Show Log". */
export async function showLog({ log }: Services): Promise<void> {
  log.show();
}
