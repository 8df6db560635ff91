/** A size for people: `1.4 MiB`, as the report has it; `1,4 MiB` in a language that writes it so. */
export function formatBytes(bytes: number, language = 'en'): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = -1;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  const shown = size < 10 ? Number(size.toFixed(1)) : Math.round(size);
  return `${shown.toLocaleString(language, { useGrouping: false })} ${units[unit]}`;
}

/** The last part of a path with forward slashes. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a file is a database by its name, or the one given, or lies beside one: a log, its index or a journal. */
export function isOfDatabase(path: string, database: string): boolean {
  const main = path.replace(/-(?:wal|shm|journal)$/i, '');
  return main === database || /\.(?:db|db3|s3db|sqlite3?)$/i.test(main);
}

/** Rows for the clipboard: they end with the line of the last one, and what is pasted into a cell should not. */
export function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
