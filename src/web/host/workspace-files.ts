/** The files of the workspace through VS Code's own file API, for the engine's worker. */
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import { uriOf } from '../../shell/resource-paths';
import type { Answer, HostEntry, HostFiles } from '../engine/host-files';

const { fs } = vscode.workspace;

export const workspaceFiles: HostFiles = {
  stat: (path) =>
    answer(async () => {
      const { type, size, mtime } = await fs.stat(uriOf(path));
      return { kind: targetKind(type), isLink: isLink(type), size, modified: mtime };
    }),
  read: (path) => answer(() => fs.readFile(uriOf(path))),
  list: (folder) =>
    answer(async () => (await fs.readDirectory(uriOf(folder))).map(([name, type]) => ({ name, kind: kindOf(type) }))),
  write: (path, bytes) =>
    answer(async () => {
      await fs.writeFile(uriOf(path), bytes);
      return null;
    }),
};

async function answer<T>(work: () => PromiseLike<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, code: codeOf(error), message: messageOf(error) };
  }
}

/** In the words that the core knows. */
function codeOf(error: unknown): string {
  const code = error instanceof vscode.FileSystemError ? error.code : '';
  switch (code) {
    case 'FileNotFound':
      return 'ENOENT';
    case 'FileNotADirectory':
      return 'ENOTDIR';
    case 'NoPermissions':
      return 'EACCES';
    default:
      return 'EIO';
  }
}

function kindOf(type: vscode.FileType): HostEntry['kind'] {
  return isLink(type) ? 'link' : targetKind(type);
}

function isLink(type: vscode.FileType): boolean {
  return (type & vscode.FileType.SymbolicLink) !== 0;
}

/** Of a link, what it leads to. */
function targetKind(type: vscode.FileType): 'file' | 'folder' | 'other' {
  if ((type & vscode.FileType.File) !== 0) return 'file';
  return (type & vscode.FileType.Directory) === 0 ? 'other' : 'folder';
}
