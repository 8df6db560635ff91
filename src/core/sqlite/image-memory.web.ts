/** The same as `image-memory.ts` in a browser, where few APIs take shared memory and no second thread wants any. */

export function allocateImage(length: number): Uint8Array {
  return new Uint8Array(length);
}
