/**
 * The settings of a workspace folder, `.vscode/settings.json`, as far as they are ours: what VS Code would do there, the
 * command line does too, unless a flag says otherwise.
 */
import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { join } from 'node:path';
import { messageOf } from '../core/errors';
import { nestsTooDeep } from '../core/plan/nesting';
import type { FileStore } from '../core/storage/file-store';

export interface WorkspaceSettings {
  /** Null where the setting is not made. */
  readonly dataFolder: string | null;
  readonly planFile: string | null;
  readonly rejects: 'fail' | 'collect' | null;
  readonly rateLimits: 'file' | 'database' | null;
}

export type SettingsResult =
  | { readonly settings: WorkspaceSettings; readonly warning: string | null }
  /** A setting of ours has a value that it cannot have. */
  | { readonly fault: string };

const none: WorkspaceSettings = { dataFolder: null, planFile: null, rejects: null, rateLimits: null };
const name = '.vscode/settings.json';
/** Bytes. */
const largestFile = 1024 * 1024;
const deepestFile = 100;

/** A file that cannot be read is told and left alone; a wrong value is never guessed at. */
export async function readWorkspaceSettings(files: FileStore, workspace: string): Promise<SettingsResult> {
  let root: Node | null;
  try {
    root = await readTree(files, join(workspace, name));
  } catch (error) {
    return { settings: none, warning: `${name} is not used: ${messageOf(error)}.` };
  }
  if (root === null) return { settings: none, warning: null };
  const faults: string[] = [];
  const text = (key: string): string | null => {
    const value = valueAt(root, key);
    if (value === undefined || value === '') return null;
    if (typeof value === 'string') return value;
    faults.push(`${key} must be text`);
    return null;
  };
  const choice = <T extends string>(key: string, choices: readonly T[]): T | null => {
    const value = text(key);
    const chosen = choices.find((candidate) => candidate === value) ?? null;
    if (value !== null && chosen === null)
      faults.push(`${key} is ${choices.map((word) => `"${word}"`).join(' or ')}, not ${JSON.stringify(value)}`);
    return chosen;
  };
  const settings: WorkspaceSettings = {
    dataFolder: text('jarvis.dataFolder'),
    planFile: text('jarvis.planFile'),
    rejects: choice('jarvis.rejects', ['fail', 'collect']),
    rateLimits: choice('jarvis.rateLimits.strategy', ['file', 'database']),
  };
  return faults.length > 0 ? { fault: `${name}: ${faults.join('; ')}.` } : { settings, warning: null };
}

async function readTree(files: FileStore, path: string): Promise<Node | null> {
  const stat = await files.stat(path);
  if (stat === null) return null;
  if (stat.kind !== 'file') throw new Error('it is not a file');
  if (stat.size > largestFile) throw new Error('it is too large');
  const text = new TextDecoder().decode(await files.read(path));
  if (nestsTooDeep(text, deepestFile) !== null) throw new Error('it nests too deeply');
  const faults: ParseError[] = [];
  const root = parseTree(text, faults, { allowTrailingComma: true, allowEmptyContent: true });
  if (faults.length > 0) throw new Error('it is not JSON');
  if (root !== undefined && root.type !== 'object') throw new Error('it is not a JSON object');
  return root ?? null;
}

/** The last one counts where a key is there twice, as in VS Code. */
function valueAt(root: Node, key: string): unknown {
  const node = (root.children ?? []).filter(({ children }) => children?.[0]?.value === key).at(-1)?.children?.[1];
  if (node === undefined || node.type === 'null') return undefined;
  return node.type === 'object' || node.type === 'array' ? {} : node.value;
}
