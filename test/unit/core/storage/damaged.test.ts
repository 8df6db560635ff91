/** B6: databases and sidecars with random damage are read or refused: nobody crashes, hangs or writes. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { CoreError } from '../../../../src/core/errors';
import { hashTree, withFolder } from '../../../support/folders';
import { hasPython } from '../../../support/python';
import { copyCase, makeCases, python, type Files } from '../../../support/sidecars';
import { handlers, pathsOf, run, silent, withSample } from '../../../support/workspace';

/** Set for a longer session: JARVIS_FUZZ=2000. */
const databases = Number(process.env['JARVIS_FUZZ'] ?? 200);
const seed = Number(process.env['JARVIS_FUZZ_SEED'] ?? 1);

type Damage = (bytes: Uint8Array) => Uint8Array;

/** Bytes written over at random places, the header of a file more often than the rest; cut; or parts moved. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc
    .array(fc.record({ at: fc.nat(), value: fc.nat(255), inHead: fc.boolean() }), { minLength: 1, maxLength: 8 })
    .map((writes) => (bytes: Uint8Array) => {
      const copy = bytes.slice();
      for (const { at, value, inHead } of writes) copy[at % (inHead ? 120 : copy.length)] = value;
      return copy;
    }),
  fc.nat().map((at) => (bytes: Uint8Array) => bytes.slice(0, at % bytes.length)),
  fc.tuple(fc.nat(), fc.nat(), fc.nat(4096)).map(([from, to, length]) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    const source = from % copy.length;
    copy.copyWithin(to % copy.length, source, source + length);
    return copy;
  }),
);

const parts = ['main', 'wal', 'journal'] as const;

function damageOne(files: Files, which: number, how: Damage): Files {
  const there = parts.filter((part) => (files[part]?.length ?? 0) > 0);
  const part = there[which % there.length] ?? 'main';
  return { ...files, [part]: how(files[part] ?? new Uint8Array()) };
}

describe('damaged databases', function () {
  this.timeout(60_000 + databases * 200);
  before(function () {
    if (hasPython) return;
    console.log('      (skipped: there is no python3 with sqlite3 here)');
    this.skip();
  });

  it(`B6: ${databases} databases with random damage are listed and described, or refused in words; no byte changes`, () =>
    withFolder(async (workspace) => {
      const cases = await withFolder(makeCases);
      const small = cases.filter(({ files }) => files.main.length < 100_000);
      await mkdir(join(workspace, 'data'));
      const samples = fc.sample(fc.tuple(fc.nat(), fc.nat(), damage), { numRuns: databases, seed });
      for (const [index, [which, part, how]] of samples.entries()) {
        const { files } = small[which % small.length] ?? assert.fail();
        await copyCase(damageOne(files, part, how), join(workspace, 'data'), `x${index}.db`);
      }
      const stood = await hashTree(workspace);
      const place = { workspace, dataFolder: 'data' };
      const inventory = await handlers['catalogue.inventory'](place, silent);
      const listed = inventory.databases.filter(({ role }) => role === 'other');
      assert.equal(listed.length, databases);
      let described = 0;
      for (const { database } of listed) {
        try {
          await handlers['catalogue.describe']({ ...place, database }, silent);
          described++;
        } catch (error) {
          assert.ok(error instanceof CoreError, `${database}: ${String(error)}`);
          assert.ok(error.message.includes(database) && error.hint !== null, error.message);
        }
      }
      assert.ok(described > 0 && described < databases, `${described} described`);
      assert.deepEqual(await hashTree(workspace), stood);
    }));

  it('B6: a dry run over a damaged source, log or journal ends in a report; no byte changes', () =>
    withSample(async (workspace) => {
      const { llm } = pathsOf(workspace);
      await python(['move', llm, 'llm_usage', 'id > 17']);
      const withLog = { main: new Uint8Array(await readFile(llm)), wal: new Uint8Array(await readFile(`${llm}-wal`)) };
      const samples = fc.sample(fc.tuple(fc.nat(), damage), { numRuns: Math.ceil(databases / 10), seed: seed + 1 });
      const outcomes = new Set<string>();
      for (const [part, how] of samples) {
        const { main, wal } = damageOne(withLog, part, how);
        await writeFile(llm, main);
        await writeFile(`${llm}-wal`, wal ?? '');
        const stood = await hashTree(workspace);
        const { outcome, error } = await run(workspace, 'dryRun');
        assert.notEqual(error?.code, 'internal', error?.message);
        assert.deepEqual(await hashTree(workspace), stood);
        outcomes.add(outcome);
      }
      assert.ok(outcomes.has('refused'), [...outcomes].join());
    }));
});
