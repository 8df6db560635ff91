/** Loading, printing and the JSON Schema of plan files. */
import assert from 'node:assert/strict';
import Ajv from 'ajv';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { planJsonSchema } from '../../../../src/core/plan/json-schema';
import { builtIn, loadPlan, type LoadedPlan } from '../../../../src/core/plan/load-plan';
import { largestPlan, parsePlan } from '../../../../src/core/plan/parse-plan';
import { printPlan } from '../../../../src/core/plan/print-plan';
import { planSchema, type PlanSource } from '../../../../src/core/plan/schema';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { photograph, withFolder } from '../../../support/folders';

const legacy = { database: 'data/a.db', table: 't' };
const full: PlanSource = {
  version: 1,
  rejects: 'collect',
  steps: [
    {
      domain: 'core',
      strategy: 'map',
      legacy,
      target: { database: 'data/b.db', table: 'u' },
      columns: { id: 'id' },
      key: ['id'],
      takenKeys: 'conflict',
      otherwise: 'adopt',
      references: { user: { value: 'u', table: 'users', column: 'id', orphans: 'null' } },
      parents: [{ table: 'users', columns: { id: 'u' } }],
      rebuild: { u: 'user' },
      residual: 'metadata',
      metadata: 'extra',
    },
    {
      domain: 'core',
      strategy: 'adopt',
      legacy: { ...legacy, table: 'b' },
      target: { database: 'data/b.db', table: 'x' },
    },
    { domain: 'cache', strategy: 'config', legacy: { ...legacy, table: 'c' }, target: { file: 'config/x.yaml' } },
    { domain: 'cache', strategy: 'skip', legacy: { ...legacy, table: 'd' }, reason: 'empty' },
  ],
  criteria: [
    { label: 'a', domain: 'core', database: 'data/b.db', sql: 'SELECT 1', expect: '= 1', required: true },
    { label: 'b', accountedFor: legacy, expect: '>= 1' },
  ],
};
const minimal: PlanSource = {
  version: 1,
  steps: [
    { domain: 'core', strategy: 'map', legacy, target: { database: 'data/b.db', table: 'u' }, columns: { id: 'id' } },
  ],
};

describe('printPlan', () => {
  it('keeps everything that is said, in the order of the schema', () => {
    const printed = printPlan(planSchema.parse(full));
    assert.equal(printed, `${JSON.stringify({ ...full, criteria: full.criteria }, null, 2)}\n`);
    assert.deepEqual(parsePlan(printed).plan, planSchema.parse(full));
  });

  it('leaves out what says nothing, but what becomes of columns without a home', () => {
    const [step] = minimal.steps;
    assert.deepEqual(JSON.parse(printPlan(planSchema.parse(minimal))), {
      version: 1,
      steps: [{ ...step, residual: 'sidecar' }],
    });
  });

  it('names files relative to the workspace folder', () => {
    for (const { legacy: from } of parsePlan(printPlan(jarvisPlan('data'))).plan?.steps ?? [])
      assert.doesNotMatch(from.database, /^\/|\\|\.\./);
  });
});

describe('loadPlan', () => {
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
  const load = (workspace: string, planFile: string | null = null): Promise<LoadedPlan> =>
    loadPlan(nodeFileStore, { workspace, dataFolder: 'data', planFile, rateLimits: 'file' });
  const refusal = async (
    workspace: string,
    planFile: string | null,
    text?: string | Uint8Array,
  ): Promise<CoreError> => {
    if (text !== undefined) await writeFile(join(workspace, planFile ?? 'jarvis.plan.json'), text);
    const stood = await photograph(workspace);
    try {
      await load(workspace, planFile);
    } catch (error) {
      assert.ok(error instanceof CoreError);
      assert.deepEqual(await photograph(workspace), stood);
      return error;
    }
    throw new Error('loaded');
  };

  it('takes the built-in plan where there is no file', () =>
    withFolder(async (workspace) => {
      assert.deepEqual(await load(workspace), { plan: jarvisPlan('data'), source: null, fingerprint: builtIn });
      const { plan } = await loadPlan(nodeFileStore, {
        workspace,
        dataFolder: '.',
        planFile: null,
        rateLimits: 'database',
      });
      assert.deepEqual(plan, jarvisPlan('.', { rateLimits: 'database' }));
    }));

  it('takes jarvis.plan.json, or the file that is named, relative or absolute', () =>
    withFolder(async (workspace) => {
      const mine = `// mine\n${JSON.stringify(minimal)}`;
      await writeFile(join(workspace, 'jarvis.plan.json'), mine);
      await mkdir(join(workspace, 'plans'));
      await writeFile(join(workspace, 'plans', 'x.jsonc'), `\uFEFF${JSON.stringify(full)}`);
      assert.deepEqual(await load(workspace), {
        plan: planSchema.parse(minimal),
        source: 'jarvis.plan.json',
        fingerprint: hashOf(mine),
      });
      const fingerprint = hashOf(JSON.stringify(full));
      const expected = { plan: planSchema.parse(full), source: 'plans/x.jsonc', fingerprint };
      assert.deepEqual(await load(workspace, 'plans/x.jsonc'), expected);
      assert.deepEqual(await load(workspace, join(workspace, 'plans', 'x.jsonc')), expected);
    }));

  it('refuses two steps for one legacy table, however its name is written, at the second of them', () =>
    withFolder(async (workspace) => {
      const [step] = minimal.steps;
      const again = { ...step, legacy: { ...legacy, table: legacy.table.toUpperCase() } };
      const error = await refusal(workspace, null, JSON.stringify({ ...minimal, steps: [step, again] }));
      assert.equal(error.code, 'plan-invalid');
      assert.match(error.message, /^jarvis\.plan\.json:1:\d+: another step names the same legacy table/);
    }));

  it('a named file that is not there is no reason to take another', () =>
    withFolder(async (workspace) => {
      const { code, path } = await refusal(workspace, 'gone.json');
      assert.deepEqual([code, path], ['plan-missing', 'gone.json']);
    }));

  it('says where it is wrong', () =>
    withFolder(async (workspace) => {
      const { code, message, hint } = await refusal(
        workspace,
        null,
        '{\n  "version": 1,\n  "steps": [],\n  "stepz": 1\n}',
      );
      assert.deepEqual([code, message], ['plan-invalid', 'jarvis.plan.json:4:3: A plan has no key "stepz" here.']);
      assert.match(hint ?? '', /--check jarvis\.plan\.json/);
    }));

  it('X4: what is too large, not UTF-8 or not a file is not parsed', () =>
    withFolder(async (workspace) => {
      await mkdir(join(workspace, 'folder'));
      assert.equal((await refusal(workspace, 'folder')).code, 'plan-invalid');
      assert.match((await refusal(workspace, 'big.json', ' '.repeat(largestPlan + 1))).message, /read at most/);
      assert.match((await refusal(workspace, 'x.json', Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))).message, /UTF-8/);
      assert.match((await refusal(workspace, 'x.json', '['.repeat(100_000))).message, /nest deeper/);
    }));

  it('X1: an unsafe path is refused with its place', () =>
    withFolder(async (workspace) => {
      for (const database of ['../a.db', '/a.db', 'C:/a.db', '//host/a.db', 'a.db:x', 'NUL', 'data/backups/a.db']) {
        const plan = {
          version: 1,
          steps: [{ domain: 'core', strategy: 'skip', legacy: { database, table: 't' }, reason: 'x' }],
        };
        const { code, message } = await refusal(workspace, null, JSON.stringify(plan, null, 2));
        assert.equal(code, 'outside-workspace', database);
        assert.ok(message.startsWith(`jarvis.plan.json:8:21: the path ${database} `), message);
      }
    }));
});

describe('the JSON Schema of plan files', () => {
  const validate = new Ajv({ allErrors: true }).compile(planJsonSchema());
  const isValid = (value: unknown): boolean => validate(value) === true;

  it('describes itself and every key of a step', () => {
    const schema = planJsonSchema();
    assert.deepEqual(Object.keys(schema).slice(0, 4), ['$schema', '$id', 'title', 'description']);
    assert.match(JSON.stringify(schema), /numbered by SQLite/);
  });

  it('takes the built-in plan as it is printed, and every other right one', () => {
    for (const plan of [
      JSON.parse(printPlan(jarvisPlan('data'))),
      full,
      minimal,
      { version: 1, steps: [] },
    ] as unknown[])
      assert.ok(isValid(plan), JSON.stringify(validate.errors));
  });

  const [step] = minimal.steps;
  const wrong: readonly (readonly [string, unknown])[] = [
    ['another version', { ...minimal, version: 2 }],
    ['no steps', { version: 1 }],
    ['an unknown key', { ...minimal, stepz: [] }],
    ['an unknown key of a step', { version: 1, steps: [{ ...step, colums: {} }] }],
    ['an unknown strategy', { version: 1, steps: [{ ...step, strategy: 'move' }] }],
    ['an unknown domain', { version: 1, steps: [{ ...step, domain: 'x' }] }],
    ['a number for an expression', { version: 1, steps: [{ ...step, columns: { id: 1 } }] }],
    ['a configuration file of another kind', { version: 1, steps: [{ ...full.steps[2], target: { file: 'x.exe' } }] }],
    ['a skip without a reason', { version: 1, steps: [{ domain: 'core', strategy: 'skip', legacy }] }],
    ['an expectation without a number', { ...minimal, criteria: [{ label: 'x', accountedFor: legacy, expect: '>=' }] }],
  ];
  for (const [what, plan] of wrong) it(`refuses ${what}`, () => assert.equal(isValid(plan), false));
});
