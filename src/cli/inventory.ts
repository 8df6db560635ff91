/** The inventory as one document: each database with its tables, or with the reason why they cannot be shown. */
import type { DatabaseDescription, Inventory } from '../core/catalogue/model';
import { describeError, type CoreErrorData } from '../core/errors';
import { mapInParallel } from '../core/storage/parallel';
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
  const databases = await mapInParallel(inventory.databases, async (entry) => {
    if (entry.state !== 'ready') return { ...entry, tables: [] };
    const found = await describeOrExplain(handlers, place, entry.database, events);
    if ('tables' in found) return { ...entry, tables: found.tables };
    return { ...entry, state: 'damaged' as const, problem: found, tables: [] };
  });
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
