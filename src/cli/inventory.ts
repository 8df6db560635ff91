/** The inventory as one document: each database with its tables, or with the reason why they cannot be shown. */
import type { DatabaseDescription, Inventory } from '../core/catalogue/model';
import { describeError, type CoreErrorData } from '../core/errors';
import type { Place } from '../engine/protocol';
import type { EngineHandlers, HandlerEvents } from '../engine/server';

export type InventoryDocument = Omit<Inventory, 'databases'> & {
  readonly format: 1;
  readonly databases: readonly (Inventory['databases'][number] & { readonly tables: DatabaseDescription['tables'] })[];
};

/** One database that cannot be read says so in its entry; the others are described all the same. */
export async function collectInventory(
  handlers: EngineHandlers,
  place: Place,
  events: HandlerEvents,
): Promise<InventoryDocument> {
  const inventory = await handlers['catalogue.inventory'](place, events);
  const databases = [];
  for (const entry of inventory.databases) {
    const found = entry.state === 'ready' ? await describeOrExplain(handlers, place, entry.database, events) : null;
    if (found === null) databases.push({ ...entry, tables: [] });
    else if ('tables' in found) databases.push({ ...entry, tables: found.tables });
    else databases.push({ ...entry, state: 'damaged' as const, problem: found, tables: [] });
  }
  return { format: 1, ...inventory, databases };
}

async function describeOrExplain(
  handlers: EngineHandlers,
  place: Place,
  database: string,
  events: HandlerEvents,
): Promise<DatabaseDescription | CoreErrorData> {
  try {
    return await handlers['catalogue.describe']({ ...place, database }, events);
  } catch (error) {
    return describeError(error);
  }
}
