import type { ViewServices } from '../services';
import { askForDataFolder } from './ask-for-data-folder';
import { pickFolder } from './pick-place';

/** "Select Data Folder": the choice holds until another one is made. */
export async function selectDataFolder(services: ViewServices, argument: unknown): Promise<void> {
  const folder = await pickFolder(services, argument);
  if (folder === undefined) return;
  const chosen = await askForDataFolder(services, folder);
  if (chosen !== undefined) await services.view.refresh();
}
