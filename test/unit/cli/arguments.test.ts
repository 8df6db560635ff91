import assert from 'node:assert/strict';
import { parseCommand } from '../../../src/cli/arguments';
import type { Command } from '../../../src/cli/command';

const place = { workspace: null, data: null };
const all = ['analytics', 'cache', 'core'];
const migrate = {
  name: 'migrate',
  place,
  json: false,
  domains: all,
  mode: 'migrate',
  applicationStopped: false,
  openAnyway: false,
  plan: null,
  rejects: null,
};
const validate = { name: 'validate', place, json: false, domains: all, openAnyway: false, plan: null };
const diff = { name: 'diff', place, json: false, openAnyway: false, files: ['a.db', 'b.db'] };
const writing = { place, json: false, dryRun: false, applicationStopped: false, openAnyway: false };
const rollback = { ...writing, name: 'rollback', run: null };
const plan = { name: 'plan', place, json: false, action: { kind: 'print' } };

describe('parseCommand', () => {
  const commands: readonly (readonly [string, unknown])[] = [
    ['migrate', migrate],
    ['migrate --analytics', { ...migrate, domains: ['analytics'] }],
    ['migrate --core --cache', { ...migrate, domains: ['cache', 'core'] }],
    ['migrate --core --analytics --cache', migrate],
    ['migrate --dry-run', { ...migrate, mode: 'dryRun' }],
    ['migrate --backup-only --application-stopped', { ...migrate, mode: 'backupOnly', applicationStopped: true }],
    ['migrate --plan my.json --rejects collect', { ...migrate, plan: 'my.json', rejects: 'collect' }],
    ['migrate --rejects=fail', { ...migrate, rejects: 'fail' }],
    ['validate', validate],
    ['validate --cache --json', { ...validate, domains: ['cache'], json: true }],
    ['validate --plan my.json', { ...validate, plan: 'my.json' }],
    ['validate --open-anyway', { ...validate, openAnyway: true }],
    ['plan', plan],
    ['plan --print', plan],
    ['plan --check x.json --json', { ...plan, json: true, action: { kind: 'check', file: 'x.json' } }],
    ['plan --schema', { ...plan, action: { kind: 'schema' } }],
    ['diff a.db b.db --json', { ...diff, json: true }],
    ['diff a.db b.db --open-anyway', { ...diff, openAnyway: true }],
    ['rollback --open-anyway', { ...rollback, openAnyway: true }],
    ['restore-backup r --open-anyway', { ...rollback, name: 'restore-backup', run: 'r', file: null, openAnyway: true }],
    ['archive --open-anyway', { ...writing, name: 'archive', plan: null, openAnyway: true }],
    ['--workspace w --data=d plan', { ...plan, place: { workspace: 'w', data: 'd' } }],
    [
      '--json --workspace=w migrate --dry-run',
      { ...migrate, place: { workspace: 'w', data: null }, json: true, mode: 'dryRun' },
    ],
    ['plan --help', { name: 'help' }],
  ];
  for (const [line, expected] of commands)
    it(line, () => assert.deepEqual(parseCommand(line.split(' ')), expected satisfies unknown as Command));

  const faults: readonly (readonly string[])[] = [
    ['migrate', '--rejects'],
    ['migrate', '--rejects', 'ignore'],
    ['migrate', '--rejects', ''],
    ['migrate', '--plan'],
    ['migrate', '--plan', ''],
    ['migrate', '--all'],
    ['migrate', 'analytics'],
    ['validate', '--rejects', 'fail'],
    ['validate', '--plan='],
    ['plan', '--print', '--schema'],
    ['plan', '--print', '--check', 'x'],
    ['plan', '--check'],
    ['plan', '--check', ''],
    ['plan', 'x.json'],
    ['plan', '--plan', 'x.json'],
    ['inventory', '--plan', 'x.json'],
    ['diff', 'a.db'],
    ['diff', 'a.db', ''],
    ['diff', 'a.db', 'b.db', 'c.db'],
    ['constructor'],
  ];
  for (const args of faults) it(`refuses ${args.join(' ')}`, () => assert.ok('fault' in parseCommand(args)));
});
