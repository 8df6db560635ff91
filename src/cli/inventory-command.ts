/** `jarvis-db inventory`: what databases there are, and what is in them. */
import { describeError } from '../core/errors';
import type { Inventory } from './command';
import { errorWords } from './error-words';
import { exitCodes } from './exit-codes';
import { formatInventory } from './format-inventory';
import { collectInventory } from './inventory';
import { findPlace, type NoPlace, type Whereabouts } from './place';
import type { CliPorts } from './ports';

export async function takeInventory(ports: CliPorts, { json }: Inventory, where: Whereabouts): Promise<number> {
  const { workspace } = where;
  const found = await findPlace(ports, where);
  const inventory =
    'problem' in found
      ? found
      : await collectInventory(ports.handlers, found, ports.events).catch((error: unknown): NoPlace => ({
          workspace,
          problem: describeError(error),
        }));
  if ('problem' in inventory) {
    const { problem } = inventory;
    if (json) ports.stdout(`${JSON.stringify({ format: 1, workspace, error: problem }, null, 2)}\n`);
    ports.stderr(errorWords(problem));
    return exitCodes.refused;
  }
  ports.stdout(json ? `${JSON.stringify(inventory, null, 2)}\n` : formatInventory(inventory));
  return exitCodes.done;
}
