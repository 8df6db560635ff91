import type { Services } from '../services';

/** "Refresh": for changes that nobody announced. */
export async function refresh({ view }: Services): Promise<void> {
  await view.refresh();
}
