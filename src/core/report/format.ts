/** Numbers, sizes and times as people read them; the same on every machine, whatever its locale. */

/** `12,345`. */
export function formatNumber(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1 row`, `25 rows`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** `336 KiB (344,064 bytes)`; below one KiB the bytes alone. */
export function formatSize(bytes: number): string {
  const exact = formatCount(bytes, 'byte');
  return Math.abs(bytes) < 1024 ? exact : `${shortSize(bytes)} (${exact})`;
}

/** `+36 KiB`, `−12 bytes`, `0`. */
export function formatGrowth(bytes: number): string {
  if (bytes === 0) return '0';
  return `${bytes > 0 ? '+' : '−'}${shortSize(Math.abs(bytes))}`;
}

/** `336 KiB`; below one KiB the bytes. For places where the exact number would only take room. */
export function shortSize(bytes: number): string {
  if (Math.abs(bytes) < 1024) return formatCount(bytes, 'byte');
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  // What would be written as 1,024 of a unit is 1 of the next.
  while (Number(value.toFixed(1)) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatNumber(Number(value.toFixed(1)))} ${units[unit] ?? ''}`;
}

/** `2026-01-26T13:02:39Z`; null where the text is no time. */
export function formatTime(iso: string): string | null {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `820 ms`, `4.2 s`, `3 min 5 s`, `2 h 0 min`. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1000) return `${formatNumber(Math.round(milliseconds))} ms`;
  const seconds = Number((milliseconds / 1000).toFixed(1));
  if (seconds < 60) return `${formatNumber(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.floor(seconds % 60))} s`;
  return `${formatNumber(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
