import { DAY, HOUR, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

/** `data/jarvis_memory.db`: set up and never used; filled, with a few facts and lessons that full-text search finds. */
export function jarvisMemoryRows(variant: Variant): TableRows[] {
  const version = { table: 'schema_version', rows: [{ version: 1, applied_at: sqliteTime(-21 * DAY) }] };
  if (!variant.fill) return [version, ...index('facts_fts', EMPTY), ...index('reflections_fts', EMPTY)];
  return [
    version,
    { table: 'entities', rows: [entity(1, 'owner', 'person'), entity(2, 'SOL', 'token'), entity(3, 'Köln', 'place')] },
    { table: 'facts', rows: FACTS },
    { table: 'reflections', rows: REFLECTIONS },
    ...index('facts_fts', FACTS_INDEX),
    ...index('reflections_fts', REFLECTIONS_INDEX),
  ];
}

function entity(id: number, name: string, type: string): Row {
  const at = sqliteTime(-7 * DAY);
  return { id, name, entity_type: type, attributes: '{}', created_at: at, updated_at: at };
}

const FACTS: readonly Row[] = [
  fact(1, 'owner', 'prefers answers in lower case'),
  fact(2, 'SOL', 'trades around 127 dollars, says the owner'),
  fact(3, 'Köln', 'home of the owner — Grüße ☀'),
];

function fact(id: number, about: string, text: string): Row {
  return {
    id,
    entity: about,
    entity_id: id,
    fact: text,
    confidence: 0.8,
    source: 'conversation',
    learned_at: sqliteTime(-7 * DAY + id * HOUR),
  };
}

const REFLECTIONS: readonly Row[] = [
  {
    id: 1,
    trigger: 'order rejected by the RPC',
    what_happened: 'Blockhash not found',
    why_failed: 'The blockhash was two minutes old.',
    lesson: 'Retry with a fresh blockhash.',
    new_approach: 'Refresh before signing.',
    applied: 1,
    applied_count: 4,
    created_at: sqliteTime(-6 * DAY),
  },
  {
    id: 2,
    trigger: 'missed take profit',
    what_happened: null,
    why_failed: null,
    lesson: 'A limit beats polling.',
    new_approach: null,
    applied: 0,
    applied_count: 0,
    created_at: sqliteTime(-5 * DAY),
  },
];

/** What FTS5 keeps in its shadow tables, blobs in hexadecimal. */
interface FullTextIndex {
  readonly averages: string;
  readonly structure: string;
  readonly segment: string | null;
  /** By rowid, from 1. */
  readonly sizes: readonly string[];
}

const EMPTY: FullTextIndex = { averages: '', structure: '00000000000000', segment: null, sizes: [] };

/** Made from the rows above by SQLite 3.40 with `INSERT INTO facts_fts(facts_fts) VALUES ('rebuild')`. */
const FACTS_INDEX: FullTextIndex = {
  averages: '030311',
  structure: '000000000101010001010101',
  segment:
    '000000ce043031323702060101040107616e737765727301060101030205726f756e64020601010301046361736501060101060107646f6c6c61727302060101050106677275c39f6503060101060104686f6d6503060101020102696e010601010401046b6f6c6e03020201056c6f776572010601010501026f6603060101030204776e6572010202010601010801060101050107707265666572730106010102010473617973020601010602026f6c020202010374686502060101070106010104020572616465730206010102040a0e0c0b0e0d0b09090c09130e0b070f',
  sizes: ['0105', '0107', '0105'],
};

const REFLECTIONS_INDEX: FullTextIndex = {
  averages: '02080903',
  structure: '000000000101010001010101',
  segment:
    '000000d5023061010601010401060101020105626561747302060101040304666f7265010601020302086c6f636b68617368010601010602017901020401056672657368010601010501056c696d6974020601010301066d697373656402020201056f726465720102020107706f6c6c696e6702060101050205726f666974020204010772656672657368010601020203066a6563746564010203030374727901060101020202706301020601077369676e696e670106010204010474616b65020203020268650102050104776974680106010103040d0c0b0f060c0c0b0a0e0a0e0b0a070e0907',
  sizes: ['050503', '030400'],
};

/** FTS5 gives the first page of its first segment this id. */
const FIRST_SEGMENT = 2 ** 37 + 1;

function index(table: string, { averages, structure, segment, sizes }: FullTextIndex): TableRows[] {
  const pages = segment === null ? [] : [{ id: FIRST_SEGMENT, block: bytes(segment) }];
  return [
    {
      table: `${table}_data`,
      rows: [{ id: 1, block: bytes(averages) }, { id: 10, block: bytes(structure) }, ...pages],
    },
    { table: `${table}_idx`, rows: pages.map(() => ({ segid: 1, term: bytes(''), pgno: 2 })) },
    { table: `${table}_docsize`, rows: sizes.map((size, position) => ({ id: position + 1, sz: bytes(size) })) },
    { table: `${table}_config`, rows: [{ k: 'version', v: 4 }] },
  ];
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
