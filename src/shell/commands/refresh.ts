import type { ViewServices } from '../services';

/** "Refresh": for changes that nobody announced. */
export async function refresh({ view }: ViewServices): Promise<void> {
  await view.refreshAnew();
}
