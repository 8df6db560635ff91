/** `jarvis-db inventory`: each database with its tables, or with the reason why they cannot be shown. */
import type { DatabaseDescription, Inventory } from '../core/catalogue/model';
import { describeError, type CoreErrorData } from '../core/errors';
import { mapInParallel } from '../core/storage/parallel';
import type { Place } from '../engine/protocol';
import type { EngineHandlers, HandlerEvents } from '../engine/server';
import type { Inventory as InventoryCommand } from './command';
import { errorWords } from './error-words';
import { exitCodes } from './exit-codes';
import { formatInventory } from './format-inventory';
import { findPlace, type Whereabouts } from './place';
import type { CliPorts } from './ports';

export type InventoryDocument = Omit<Inventory, 'databases'> & {
  readonly format: 1;
  readonly databases: readonly (Inventory['databases'][number] & { readonly tables: DatabaseDescription['tables'] })[];
};

export async function takeInventory(ports: CliPorts, { json }: InventoryCommand, where: Whereabouts): Promise<number> {
  const found = await findPlace(ports, where);
  if ('problem' in found) {
    const { workspace, problem } = found;
    if (json) ports.stdout(`${JSON.stringify({ format: 1, workspace, error: problem }, null, 2)}\n`);
    ports.stderr(errorWords(problem));
    return exitCodes.refused;
  }
  const inventory = await collectInventory(ports.handlers, found, ports.events);
  ports.stdout(json ? `${JSON.stringify(inventory, null, 2)}\n` : formatInventory(inventory));
  return exitCodes.done;
}

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
