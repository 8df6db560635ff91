/** What the engine's worker asks of the extension host: only that can see the workspace. */

export interface HostStat {
  /** Of a symbolic link, what it leads to. */
  readonly kind: 'file' | 'folder' | 'other';
  /** Whether the path itself is a symbolic link; false also where the file system does not tell. */
  readonly isLink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface HostEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** An error would lose its code on the way. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `code`: the system's, such as `ENOENT`. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The files of the workspace, as far as VS Code's own file API goes. Paths are those of `resource-paths.web.ts`. */
export interface HostFiles {
  stat(path: string): Promise<Answer<HostStat>>;
  read(path: string): Promise<Answer<Uint8Array>>;
  list(folder: string): Promise<Answer<readonly HostEntry[]>>;
  /** Writes an export to a place that the user has chosen. */
  write(path: string, bytes: Uint8Array): Promise<Answer<null>>;
}
