import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { isHot } from '../../../../src/core/sqlite/rollback-journal';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { readFingerprint, readSnapshot } from '../../../../src/core/storage/snapshot';
import { CoreError } from '../../../../src/core/errors';
import { withFolder } from '../../../support/folders';
import { hasPython } from '../../../support/python';
import { compare, flip, makeCases, startWriter, type Files, type Reading } from '../../../support/sidecars';
import { create, withDatabase } from '../../../support/sqlite';

type Case = Awaited<ReturnType<typeof makeCases>>[number];

/** Numbers below a limit, the same ones in every run. */
const numbers = (count: number, limit: number, seed: number): readonly number[] =>
  fc.sample(fc.nat(limit - 1), { numRuns: count, seed });

const codesOf = ({ snapshot }: Reading): readonly string[] => (snapshot?.warnings ?? []).map(({ code }) => code);

/** Everything that SQLite reads, or a refusal where it reports an error; and no byte of the files is touched. */
function equalsTheirs(reading: Reading): void {
  assert.ok(reading.untouched, reading.name);
  if (reading.theirs.startsWith('error')) assert.notEqual(reading.refused, null, `${reading.name}: ${reading.theirs}`);
  else assert.equal(reading.ours, reading.theirs, reading.name);
}

describe('databases with sidecars, beside what SQLite reads', function () {
  this.timeout(60_000);
  let cases: readonly Case[] = [];
  before(async function () {
    if (!hasPython) {
      console.log('      (skipped: there is no python3 with sqlite3 here)');
      return this.skip();
    }
    cases = await withFolder(makeCases);
  });

  const filesOf = (name: string): Files => {
    const found = cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no case ${name}`);
    return found.files;
  };
  const walOf = (name: string): { readonly main: Uint8Array; readonly wal: Uint8Array } => {
    const { main, wal } = filesOf(name);
    return { main, wal: wal ?? assert.fail(name) };
  };
  const journalOf = (name: string): { readonly main: Uint8Array; readonly journal: Uint8Array } => {
    const { main, journal } = filesOf(name);
    return { main, journal: journal ?? assert.fail(name) };
  };
  const compareAll = (variants: readonly Case[]): Promise<readonly Reading[]> =>
    withFolder((folder) => compare(folder, variants));

  it('R1, R2, R3, R6, R9, R10, R11: every way in which SQLite leaves its files is read as SQLite reads it', async () => {
    const readings = await compareAll(cases);
    assert.ok(readings.length > 40);
    for (const reading of readings) {
      equalsTheirs(reading);
      assert.match(reading.theirs, / sound$/, reading.name);
    }
    const applied = (kind: string): number =>
      readings.filter(({ snapshot }) => snapshot?.applied?.kind === kind).length;
    assert.deepEqual([applied('wal'), applied('journal')], [24, 14]);
    for (const { name, snapshot } of readings) {
      assert.ok(snapshot !== null);
      assert.equal(snapshot.bytes === snapshot.main, snapshot.applied === null, name);
      assert.equal(snapshot.fingerprint === snapshot.sha256, snapshot.applied === null, name);
    }
  });

  it('R1: rows that are only in the log are there, and told', async () => {
    const [reading] = await compareAll([{ name: 'log', files: filesOf('wal all in the log') }]);
    assert.deepEqual(reading?.snapshot?.applied, { kind: 'wal', frames: 24, unread: 0 });
    assert.deepEqual(
      reading.snapshot.warnings.map(({ message }) => message),
      ['x.db: 24 committed frames of its write-ahead log were read.'],
    );
  });

  it('R2: frames that are left over from before the log began again are no cause for a warning', async () => {
    const [reading] = await compareAll([{ name: 'log', files: filesOf('wal begun again') }]);
    assert.deepEqual(reading?.snapshot?.applied, { kind: 'wal', frames: 3, unread: 0 });
    assert.deepEqual(codesOf(reading), ['wal-read']);
  });

  it('R4: a log that is cut at any frame, a byte before or after it, is read up to its last commit', async () => {
    const { main, wal } = walOf('wal header says 1');
    const frame = 1024 + 24;
    const cuts = Array.from({ length: Math.floor((wal.length - 32) / frame) + 1 }, (_, index) => 32 + index * frame)
      .flatMap((at) => [at - 1, at, at + 1])
      .filter((at) => at <= wal.length);
    const variants = cuts.map((cut) => ({ name: `cut at ${cut}`, files: { main, wal: wal.subarray(0, cut) } }));
    const readings = await compareAll(variants);
    assert.ok(new Set(readings.map(({ theirs }) => theirs)).size >= 4);
    for (const [index, reading] of readings.entries()) {
      equalsTheirs(reading);
      const cut = cuts[index] ?? 0;
      if (cut === 31) assert.deepEqual(codesOf(reading), ['wal-ignored']);
      else if ((cut - 32) % frame !== 0) assert.ok(codesOf(reading).includes('wal-unread'), reading.name);
    }
  });

  it('R5: any bit of a header or frame that is turned over ends the log there, with a warning', async () => {
    for (const name of ['wal page size 512', 'wal big-endian']) {
      const { main, wal } = walOf(name);
      const headers = numbers(30, 32 * 8, 1);
      // Where the last frame begins to count, and anywhere.
      const frames = [...numbers(30, wal.length * 8, 2), ...numbers(20, 24 * 8, 3).map((bit) => bit + 32 * 8)];
      const variants = [...headers, ...frames].map((bit) => ({
        name: `${name}, bit ${bit}`,
        files: { main, wal: flip(wal, bit) },
      }));
      for (const reading of await compareAll(variants)) {
        equalsTheirs(reading);
        if (reading.refused !== null) continue;
        const told = codesOf(reading).filter((code) => code === 'wal-unread' || code === 'wal-ignored');
        assert.equal(told.length, 1, reading.name);
      }
    }
  });

  it('R6: an empty log and any -shm are no part of the database', async () => {
    const { main } = walOf('wal page size 1024');
    const [reading] = await compareAll([{ name: 'empty', files: { main, wal: new Uint8Array() } }]);
    assert.ok(reading?.snapshot);
    equalsTheirs(reading);
    assert.equal(reading.snapshot.applied, null);
  });

  it('R7: a log of another version is refused, as SQLite does', async () => {
    const { main, wal } = walOf('wal page size 1024');
    const bumped = wal.slice();
    const view = new DataView(bumped.buffer);
    view.setUint32(4, 3007001);
    sealHeader(view);
    const [reading] = await compareAll([{ name: 'version', files: { main, wal: bumped } }]);
    assert.match(reading?.theirs ?? '', /^error: unable to open/);
    assert.equal(reading?.refused?.code, 'damaged');
    assert.match(reading.refused.message, /format version 3007001/);
  });

  it("R8: another database's log: of another page size or with a page missing it is refused", async () => {
    const { wal: other } = walOf('wal page size 4096');
    const { main } = walOf('wal page size 1024');
    const { main: grown, wal: lacking } = walOf('wal incremental vacuum');
    const readings = await compareAll([
      { name: 'size', files: { main, wal: other } },
      { name: 'page', files: { main: grown.subarray(0, 512), wal: lacking } },
      { name: 'empty', files: { main: new Uint8Array(), wal: other } },
      { name: 'half a page', files: { main: main.subarray(0, main.length - 512), wal: other } },
    ]);
    assert.deepEqual(
      readings.map(({ refused }) => refused?.code),
      ['damaged', 'damaged', 'empty-file', 'damaged'],
    );
    assert.match(readings[0]?.refused?.message ?? '', /another database's .*4096 bytes.*1024/);
    assert.match(readings[1]?.refused?.message ?? '', /page \d+ of \d+ is in neither file/);
    for (const { untouched } of readings) assert.ok(untouched);
  });

  it('R10: a hot journal that is cut is refused, or read as SQLite reads it', async () => {
    const variants = ['journal DELETE FULL', 'journal DELETE OFF', 'journal with a savepoint'].flatMap((name) => {
      const { main, journal } = journalOf(name);
      const cuts = [0, 1, 8, 27, 28, 511, 512, 513, journal.length - 1, ...numbers(20, journal.length, 4)];
      return cuts.map((cut) => ({
        name: `${name}, cut at ${cut}`,
        files: { main, journal: journal.subarray(0, cut) },
      }));
    });
    refusedOrEqual(await compareAll(variants));
  });

  it('R10: a hot journal with a bit turned over is refused, or read as SQLite reads it', async () => {
    const variants = ['journal DELETE FULL', 'journal DELETE OFF'].flatMap((name) => {
      const { main, journal } = journalOf(name);
      const header = numbers(50, 28 * 8, 5);
      const anywhere = numbers(30, journal.length * 8, 6);
      // No checksum covers a page number.
      const pageNumbers = numbers(30, 32, 7).map((bit, index) => (512 + (index % 9) * (1024 + 8)) * 8 + bit);
      return [...header, ...anywhere, ...pageNumbers].map((bit) => ({
        name: `${name}, bit ${bit}`,
        files: { main, journal: flip(journal, bit) },
      }));
    });
    refusedOrEqual(await compareAll(variants));
  });

  it('R10: a journal of a transaction over several databases is refused', async () => {
    const { main, journal } = journalOf('journal DELETE FULL');
    const name = Buffer.from('/tmp/x.db-mj0123');
    const tail = Buffer.alloc(16);
    tail.writeUInt32BE(name.length, 0);
    tail.writeUInt32BE(
      name.reduce((sum, byte) => sum + byte, 0),
      4,
    );
    journal.subarray(0, 8).forEach((byte, index) => tail.writeUInt8(byte, 8 + index));
    const led = Buffer.concat([journal, name, tail]);
    const [reading] = await compareAll([{ name: 'led', files: { main, journal: new Uint8Array(led) } }]);
    assert.equal(reading?.refused?.code, 'damaged');
    assert.match(reading.refused.message, /over several databases, led by \/tmp\/x\.db-mj0123/);
  });

  it('R10: a log and a hot journal at once are refused', async () => {
    const { main, journal } = journalOf('journal DELETE FULL');
    const { wal } = walOf('wal page size 1024');
    const [reading] = await compareAll([{ name: 'both', files: { main, wal, journal } }]);
    assert.match(reading?.refused?.message ?? '', /which of them is the newer one cannot be told/);
  });

  it('R11: a journal at rest does not count, also in the fingerprint', async () => {
    for (const name of ['journal at rest, zeroed', 'journal at rest, empty', 'journal nothing spilled yet']) {
      const { main, journal } = journalOf(name);
      assert.ok(!isHot(journal), name);
      const [reading] = await compareAll([{ name, files: { main, journal } }]);
      assert.deepEqual([reading?.snapshot?.applied, reading?.snapshot?.sidecars.length], [null, 1]);
      assert.equal(reading?.snapshot?.fingerprint, reading?.snapshot?.sha256);
    }
  });

  it('P5: the fingerprint is another as soon as a byte of a sidecar is', () =>
    withFolder(async (folder) => {
      const { main, wal } = walOf('wal page size 512');
      const variants = [wal, flip(wal, wal.length * 8 - 1), wal.subarray(0, wal.length - 1)].map((bytes, index) => ({
        name: String(index),
        files: { main, wal: bytes },
      }));
      const readings = await compare(folder, variants);
      const known = readings.map(({ snapshot }) => snapshot?.fingerprint);
      assert.equal(new Set([...known, readings[0]?.snapshot?.sha256]).size, 4);
      for (const [index, { snapshot }] of readings.entries())
        assert.equal(await readFingerprint(nodeFileStore, snapshot?.path ?? ''), known[index]);
    }));

  for (const mode of ['WAL', 'DELETE']) {
    it(`R12: while a process commits in ${mode} mode, every snapshot is one commit's, or the file is busy`, () =>
      withFolder(async (folder) => {
        await mkdir(join(folder, 'live'));
        const path = join(folder, 'live', 'x.db');
        await create(
          path,
          "CREATE TABLE t (n, b); WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300) INSERT INTO t SELECT 0, printf('%0600d', i) FROM c",
        );
        const { ended } = await startWriter(path, mode, 2);
        const writer = { isDone: false };
        void ended.then(() => (writer.isDone = true));
        const seen = new Set<number>();
        let busy = 0;
        while (!writer.isDone) {
          try {
            const { bytes } = await readSnapshot(nodeFileStore, path, 'x.db');
            seen.add(await onlyNumber(bytes));
          } catch (error) {
            if (!(error instanceof CoreError) || error.code !== 'busy') throw error;
            busy++;
          }
        }
        await ended;
        assert.ok(seen.size > 3, `${seen.size} states seen, ${busy} times busy`);
      }));
  }
});

function refusedOrEqual(readings: readonly Reading[]): void {
  for (const reading of readings) {
    assert.ok(reading.untouched, reading.name);
    if (reading.refused === null) assert.equal(reading.ours, reading.theirs, reading.name);
    else assert.equal(reading.refused.code, 'damaged', reading.name);
  }
  assert.ok(readings.some(({ refused }) => refused === null));
  assert.ok(readings.some(({ refused }) => refused !== null));
}

/** Writes the checksum of a little-endian log header. */
function sealHeader(view: DataView): void {
  let [s0, s1] = [0, 0];
  for (let at = 0; at < 24; at += 8) {
    s0 = (s0 + view.getUint32(at, true) + s1) >>> 0;
    s1 = (s1 + view.getUint32(at + 4, true) + s0) >>> 0;
  }
  view.setUint32(24, s0);
  view.setUint32(28, s1);
}

/** The number that all rows have: of two, half of a transaction has been read. */
async function onlyNumber(image: Uint8Array): Promise<number> {
  return withFolder(async (folder) => {
    const path = join(folder, 'image.db');
    await nodeFileStore.writeNew(path, image);
    const rows = await withDatabase(path, (database) => {
      assert.equal(database.exec('PRAGMA integrity_check')[0]?.values[0]?.[0], 'ok');
      return database.exec('SELECT DISTINCT n FROM t')[0]?.values ?? [];
    });
    assert.equal(rows.length, 1, 'rows of two transactions');
    return Number(rows[0]?.[0]);
  });
}
