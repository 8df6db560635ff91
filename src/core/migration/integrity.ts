/** Integrity checks, which need nothing but bytes: beside the migration where a second thread is at hand. */
import type { SqliteConnection } from '../sqlite/engine';
import { checkIntegrity } from './target/validate-target';

/** A second thread that checks images. */
export interface IntegrityChecker {
  /**
   * The findings of a full integrity check; none where the image is sound.
   *
   * @throws where the check could not be made, which says nothing of the image
   */
  check(image: Uint8Array, label: string): Promise<readonly string[]>;
}

/** Bytes from which the second thread is worth its start (measured: it takes about 100 ms). */
const worthAThread = 8 * 1024 ** 2;

export class IntegrityChecks {
  constructor(private readonly checker: IntegrityChecker | null) {}

  /** Whether an image of this size is checked by the second thread. */
  isBeside(image: Uint8Array): boolean {
    return this.checker !== null && image.length >= worthAThread;
  }

  /** @param connection the same image, opened: checked here where the other thread is not to be had */
  async check(image: Uint8Array, label: string, connection: SqliteConnection): Promise<readonly string[]> {
    if (this.checker === null || !this.isBeside(image)) return checkIntegrity(connection);
    try {
      return await this.checker.check(image, label);
    } catch {
      return checkIntegrity(connection);
    }
  }
}
