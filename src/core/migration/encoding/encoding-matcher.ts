/** Legacy databases as each target can attach them: themselves, or written anew in the target's text encoding, once. */
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import type { TextEncoding } from './text-encoding';
import { transcode, type Transcoded } from './transcode';

export class EncodingMatcher {
  private readonly made = new Map<string, Transcoded>();

  constructor(private readonly engine: SqliteEngine) {}

  /** @throws CoreError `encoding-mismatch` where the legacy database cannot be written in the target's encoding */
  match(legacy: SqliteConnection, target: SqliteConnection): SqliteConnection {
    const encoding = encodingOf(target);
    if (encodingOf(legacy) === encoding) return legacy;
    const key = `${legacy.label}\n${encoding}`;
    const made = this.made.get(key) ?? transcode(this.engine, legacy, encoding);
    this.made.set(key, made);
    return made.connection;
  }

  get warnings(): readonly WarningReport[] {
    return [...this.made.values()].flatMap(({ warnings }) => warnings);
  }

  close(): void {
    for (const { connection } of this.made.values()) connection.close();
  }
}

/** What the texts of a database are stored in. */
export function encodingOf(connection: SqliteConnection): TextEncoding {
  return String(connection.all('PRAGMA encoding')[0]?.['encoding']) as TextEncoding;
}
