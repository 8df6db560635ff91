import assert from 'node:assert/strict';
import { findUnsafePaths, unsafePath } from '../../../../src/core/plan/plan-paths';
import { planSchema } from '../../../../src/core/plan/schema';

describe('X1: the paths of a plan file', () => {
  const safe = [
    'data/jarvis_core.db',
    'database.db',
    'bots/twitter/engagement.db',
    'data/my notes.sqlite3',
    'data/..hidden.db',
    'data/.jarvis/x.db',
    'data/console.db',
    'data/com10.db',
    'data/nul_values.db',
    'daten/größe.db',
    'data/backups.db',
    'data/backups-2/x.db',
    'other/backups/x.db',
  ];
  for (const path of safe) it(`takes ${path}`, () => assert.equal(unsafePath(path), null));

  const unsafe: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['..', /"\.\."/],
    ['../x.db', /"\.\."/],
    ['data/../../x.db', /"\.\."/],
    ['data/..', /"\.\."/],
    ['./x.db', /"\."/],
    ['data/./x.db', /"\."/],
    ['data//x.db', /empty segment/],
    ['data/', /empty segment/],
    ['/etc/passwd', /absolute/],
    ['//server/share/x.db', /absolute/],
    ['\\\\server\\share\\x.db', /backslash/],
    ['\\\\?\\C:\\x.db', /backslash/],
    ['data\\x.db', /backslash/],
    ['..\\x.db', /backslash/],
    ['C:/x.db', /drive letter/],
    ['c:x.db', /drive letter/],
    ['data/x.db:stream', /colon/],
    ['data/x.db::$DATA', /colon/],
    ['file:x.db', /colon/],
    ['CON', /device/],
    ['data/nul', /device/],
    ['data/NUL.db', /device/],
    ['data/Com1.tar.db', /device/],
    ['data/LPT9/x.db', /device/],
    ['data/aux .db', /device/],
    ['data/COM¹.db', /device/],
    ['data/CONIN$', /device/],
    ['data/x.db.', /ends in a dot or a space/],
    ['data/x.db ', /ends in a dot or a space/],
    ['data /x.db', /ends in a dot or a space/],
    ['data/.../x.db', /ends in a dot or a space/],
    ['data/x\u0000.db', /control/],
    ['data/x\n.db', /control/],
    ['data/x\u007f.db', /control/],
    ['data/x\u2028.db', /control/],
    ['data/backups/20260126_130239/data/x.db', /where runs keep copies/],
    ['data/backups', /where runs keep copies/],
    ['DATA/Backups/x.db', /where runs keep copies/],
    ['data/archive/x.db', /where runs keep copies/],
  ];
  for (const [path, reason] of unsafe)
    it(`refuses ${JSON.stringify(path)}`, () => assert.match(unsafePath(path) ?? 'taken', reason));

  it('knows the backups of another data folder', () => {
    assert.match(unsafePath('store/backups/x.db', 'store') ?? '', /store\/backups/);
    assert.match(unsafePath('backups/x.db', '.') ?? '', /backups/);
    assert.equal(unsafePath('data/backups/x.db', 'store'), null);
  });

  it('looks at every place of a plan that names a file', () => {
    const ref = { database: '../a.db', table: 't' };
    const plan = planSchema.parse({
      version: 1,
      steps: [
        { domain: 'core', strategy: 'map', legacy: ref, target: { database: '/b.db', table: 'u' }, columns: {} },
        { domain: 'core', strategy: 'adopt', legacy: ref, target: { database: 'C:/c.db' } },
        { domain: 'cache', strategy: 'config', legacy: ref, target: { file: '../d.json' } },
        { domain: 'cache', strategy: 'skip', legacy: ref, reason: 'none' },
      ],
      criteria: [
        { label: 'x', database: 'nul', sql: 'SELECT 1', expect: '= 1' },
        { label: 'y', accountedFor: ref, expect: '= 1' },
      ],
    });
    assert.deepEqual(
      findUnsafePaths(plan, 'data').map(({ at }) => at.join('.')),
      [
        'steps.0.legacy.database',
        'steps.0.target.database',
        'steps.1.legacy.database',
        'steps.1.target.database',
        'steps.2.legacy.database',
        'steps.2.target.file',
        'steps.3.legacy.database',
        'criteria.0.database',
        'criteria.1.accountedFor.database',
      ],
    );
  });

  const files: readonly (readonly [string, RegExp | null])[] = [
    ['config/rate_limits.yaml', null],
    ['data/limits.json', /a database of the plan/],
    ['Data/Limits.JSON', /a database of the plan/],
    ['.vscode/tasks.json', /hidden/],
    ['.github/workflows/x.yml', /hidden/],
    ['jarvis.plan.json', /plan file itself/],
  ];
  for (const [file, reason] of files) {
    it(`${reason === null ? 'takes' : 'refuses'} the configuration file ${file}`, () => {
      const legacy = { database: 'data/limits.json', table: 't' };
      const step = { domain: 'cache', strategy: 'config', legacy, target: { file } };
      const [found] = findUnsafePaths(planSchema.parse({ version: 1, steps: [step] }), 'data');
      if (reason === null) assert.equal(found, undefined);
      else assert.match(found?.reason ?? 'taken', reason);
    });
  }

  it('refuses a sidecar in the place of a database', () => {
    const legacy = { database: 'data/x.db-wal', table: 't' };
    const step = { domain: 'core', strategy: 'skip', legacy, reason: 'none' };
    assert.match(findUnsafePaths(planSchema.parse({ version: 1, steps: [step] }), 'data')[0]?.reason ?? '', /sidecar/);
  });
});
