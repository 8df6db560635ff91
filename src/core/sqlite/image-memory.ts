/** Memory for the bytes of databases. */

/** Bytes from which memory is worth sharing with another thread. */
const worthSharing = 1024 ** 2;

/** Zeroed bytes that another thread can see. */
export function allocateImage(length: number): Uint8Array {
  return new Uint8Array(length < worthSharing ? new ArrayBuffer(length) : new SharedArrayBuffer(length));
}
