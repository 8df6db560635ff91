/** How much memory this machine has left for us. */
import { freemem, platform, totalmem } from 'node:os';

/**
 * Bytes that can be used before the machine has to swap or end a process, within the limit of a container.
 *
 * macOS calls memory free only where it holds nothing at all, not even a cached file, so what is free there tells next
 * to nothing: all that is built in counts.
 */
export function availableMemory(): number {
  const left = platform() === 'darwin' ? totalmem() : freemem();
  // 0 where there is no limit, or a number beyond any machine.
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? Math.min(left, Math.max(0, limit - process.memoryUsage.rss())) : left;
}
