/** Other requests that have arrived are answered before the next slice of work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
