/** What SQLite can store, as sql.js binds it. Integers beyond 2^53 are given as text: affinity makes them integers. */
export type SqlValue = string | number | Uint8Array | null;

/** One row, by column name. Every column is named, so that no DEFAULT (and no clock) has a say in what is stored. */
export type Row = Readonly<Record<string, SqlValue>>;

export interface TableRows {
  readonly table: string;
  readonly rows: readonly Row[];
  /** What sqlite_sequence says, where rows with higher ids once were and are deleted. */
  readonly sequence?: number;
}

/** How much is in an installation. */
export interface Volume {
  /** Times the documented number of rows, in every table that can hold more than one. */
  readonly rows?: number;
  /** Rows also in the tables that are empty in a real installation. */
  readonly fill?: boolean;
}

/**
 * Which installation the rows are of: 0 is the documented one, with the documented counts and ids from 1; any other has
 * more rows, ids that start elsewhere, no metadata, and rows in tables that the documented one leaves empty.
 */
export class Variant {
  readonly fill: boolean;
  private readonly times: number;

  constructor(
    readonly number: number,
    { rows: times = 1, fill = false }: Volume = {},
  ) {
    if (!Number.isInteger(number) || number < 0) throw new RangeError(`variant must be 0, 1, 2, …, not ${number}`);
    if (!Number.isInteger(times) || times < 1) throw new RangeError(`rows must be 1, 2, 3, …, not ${times}`);
    this.times = times;
    this.fill = fill;
  }

  get isDocumented(): boolean {
    return this.number === 0;
  }

  /** How many rows a table has that is documented with so many. */
  count(documented: number): number {
    return documented * this.times + 3 * this.number;
  }

  /** How many rows a table has that is documented as empty. */
  extra(rows: number): number {
    return this.isDocumented && !this.fill ? 0 : rows * this.times;
  }

  /** The integer key of the row at this index. */
  id(index: number): number {
    return 1000 * this.number + index + 1;
  }

  /** Metadata of a row: none in any installation but the documented one. */
  metadata(value: object | null): string | null {
    return this.isDocumented && value !== null ? JSON.stringify(value) : null;
  }

  /** A whole number that depends on nothing but the variant, the subject and the index; from 0 to 2^32 - 1. */
  hash(subject: string, index: number): number {
    let hash = 0x811c9dc5;
    for (const character of `${this.number}/${subject}/${index}`) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    }
    // The avalanche of MurmurHash3: without it, neighbouring indexes give neighbouring numbers.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(subject: string, index: number, low: number, high: number): number {
    return low + (this.hash(subject, index) % (high - low + 1));
  }

  /** A number from `low` up to `high`, with all the digits a double has. */
  real(subject: string, index: number, low: number, high: number): number {
    return low + (this.hash(subject, index) / 2 ** 32) * (high - low);
  }

  /** A number from `low` up to `high`, rounded to so many decimals. */
  decimal(subject: string, index: number, low: number, high: number, decimals: number): number {
    return Number(this.real(subject, index, low, high).toFixed(decimals));
  }

  pick<T>(subject: string, index: number, choices: readonly [T, ...T[]]): T {
    return choices[this.hash(subject, index) % choices.length] ?? choices[0];
  }

  chance(subject: string, index: number, probability: number): boolean {
    return this.hash(subject, index) / 2 ** 32 < probability;
  }

  /** So many characters of an alphabet. */
  text(subject: string, index: number, length: number, alphabet: string): string {
    let text = '';
    // Knuth's linear congruential generator, of which only the upper bits are any good; a hash every eight characters,
    // without which long ids of large samples would come twice.
    for (let state = 0; text.length < length;) {
      if (text.length % 8 === 0) state = this.hash(`${subject}.${text.length}`, index);
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      text += alphabet.charAt(Math.floor((state / 2 ** 32) * alphabet.length));
    }
    return text;
  }

  /** A Solana token mint: 44 characters of base 58. */
  mint(subject: string, index: number): string {
    return this.text(`mint.${subject}`, index, 44, BASE58);
  }

  /** A Solana transaction signature: 88 characters of base 58. */
  signature(subject: string, index: number): string {
    return this.text(`signature.${subject}`, index, 88, BASE58);
  }

  hex(subject: string, index: number, length: number): string {
    return this.text(subject, index, length, '0123456789abcdef');
  }
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The instant from which all times of the sample count: the first documented LLM call, to the millisecond. */
const EPOCH = Date.UTC(2026, 0, 24, 1, 9, 4, 119);

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** As Python's `datetime.now(timezone.utc).isoformat()` writes it: `2026-01-24T01:09:04.119226+00:00`. */
export function pythonTime(seconds: number, microseconds = 226): string {
  return `${isoTime(seconds).slice(0, -1)}${String(microseconds).padStart(3, '0')}+00:00`;
}

/** As Python's `datetime.utcnow().isoformat()` writes it: no offset. */
export function naiveTime(seconds: number, microseconds = 226): string {
  return `${isoTime(seconds).slice(0, -1)}${String(microseconds).padStart(3, '0')}`;
}

/** As SQLite's CURRENT_TIMESTAMP writes it: `2026-01-24 01:09:04`. */
export function sqliteTime(seconds: number): string {
  return isoTime(seconds).slice(0, 19).replace('T', ' ');
}

/** The day alone: `2026-01-24`. */
export function day(seconds: number): string {
  return isoTime(seconds).slice(0, 10);
}

/** As Python's `time.time()` gives it: seconds since 1970, with a fraction. */
export function unixTime(seconds: number): number {
  return (EPOCH + Math.round(seconds * 1000)) / 1000;
}

/** So many rows, each made from its index. */
export function rows(count: number, make: (index: number) => Row): Row[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function isoTime(seconds: number): string {
  return new Date(EPOCH + Math.round(seconds * 1000)).toISOString();
}
