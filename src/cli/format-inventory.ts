/** The inventory for people at a terminal. */
import { showPlain } from '../core/report/display';
import { formatSize } from '../core/report/format';
import type { DatabaseEntry } from '../core/catalogue/model';
import type { InventoryDocument } from './inventory';

export function formatInventory({ workspace, dataFolder, databases }: InventoryDocument): string {
  const lines = [`${showPlain(workspace)}: ${databases.length} databases, data folder ${showPlain(dataFolder)}`];
  for (const role of ['consolidated', 'legacy', 'other'] as const) {
    const group = databases.filter((database) => database.role === role);
    if (group.length === 0) continue;
    lines.push('', `${role[0]?.toUpperCase()}${role.slice(1)}`);
    for (const { database, size, state, problem, applies, frames, tables } of group) {
      lines.push(
        `  ${showPlain(database)}  ${formatSize(size)}${state === 'ready' ? beside(applies, frames) : `  ✗ ${problem === null ? state : showPlain(problem.message)}`}`,
      );
      for (const { name, kind, rows, problem: fault } of tables) {
        const count =
          fault !== null
            ? `✗ ${showPlain(fault)}`
            : rows === null
              ? kind
              : `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`;
        lines.push(`    ${showPlain(name)}  ${count}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function countFrames(frames: number): string {
  return frames === 1 ? '1 frame' : `${frames.toLocaleString('en')} frames`;
}

/** What was applied to show the tables, so that they are not those of the main file alone. */
function beside(applies: DatabaseEntry['applies'], frames: number): string {
  switch (applies) {
    case null:
      return '';
    case 'wal':
      return `, with its write-ahead log${frames === 0 ? '' : ` (at most ${countFrames(frames)} not yet checkpointed)`}`;
    case 'journal':
      return ', as before an unfinished transaction';
  }
}
