/** What has become of the places of a run's files since: looked at before the first byte is written. */
import assert from 'node:assert/strict';
import { chmod, link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoReport } from '../../../../src/core/undo/report';
import { hashTree, listFiles, pick, withFolder } from '../../../support/folders';
import { handlers, pathsOf, run, silent, withSample } from '../../../support/workspace';

const posix = process.platform === 'win32' ? it.skip : it;

type Act = 'rollBack' | 'restore';

async function undo(act: Act, workspace: string, id: string, dryRun = false): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: id, dryRun, applicationStopped: true };
  const { report } =
    act === 'rollBack'
      ? await handlers['undo.rollBack'](params, silent)
      : await handlers['backups.restore']({ ...params, file: null }, silent);
  return report;
}

/** A workspace that two domains have filled, and the run. */
function withRun(body: (workspace: string, id: string) => Promise<void>): Promise<void> {
  return withSample(async (workspace) => {
    const { run: id } = await run(workspace, 'migrate', ['analytics', 'cache']);
    await body(workspace, id);
  });
}

const isFile = (path: string): boolean => !path.endsWith('.lock');

interface Fault {
  readonly title: string;
  readonly make: (target: string, workspace: string, id: string) => Promise<void>;
  readonly code: string;
  readonly message: RegExp;
}

const elsewhere = (workspace: string): string => join(workspace, 'data', 'elsewhere.db');

/** Refused also by a dry run: nobody could say what would happen. */
const unclear: readonly Fault[] = [
  {
    title: 'X1: a link that leads nowhere',
    make: async (target) => {
      await rm(target);
      await symlink('nowhere.db', target);
    },
    code: 'not-a-file',
    message: /^data\/jarvis_analytics\.db is a link that leads nowhere\.$/,
  },
  {
    title: 'a folder',
    make: async (target) => {
      await rm(target);
      await mkdir(target);
    },
    code: 'not-a-file',
    message: /^data\/jarvis_analytics\.db is no regular file\.$/,
  },
  {
    title: 'E4: a link to another consolidated database',
    make: async (target) => {
      await rm(target);
      await symlink('jarvis_cache.db', target);
    },
    code: 'same-file',
    message: /^data\/jarvis_\w+\.db and data\/jarvis_\w+\.db are the same file\.$/,
  },
  {
    title: 'X1: a link to a copy in a backup',
    make: async (target, _, id) => {
      await rm(target);
      await symlink(join('backups', id, 'data', 'metrics.db'), target);
    },
    code: 'outside-workspace',
    message: /^data\/jarvis_analytics\.db is a link to a copy among the backups: .*metrics\.db\.$/,
  },
];

/** Known before anything is written, and told by a dry run as a warning. */
const irreplaceable: readonly Fault[] = [
  {
    title: 'P12: a file with a second hard link',
    make: (target, workspace) => link(target, elsewhere(workspace)),
    code: 'hard-linked',
    message: /^data\/jarvis_analytics\.db has 2 hard links/,
  },
  {
    title: 'P10: a read-only file',
    make: (target) => chmod(target, 0o444),
    code: 'read-only',
    message: /^data\/jarvis_analytics\.db is read-only\./,
  },
  {
    title: 'P10, P11: a link to a file in a read-only folder',
    make: async (target, workspace) => {
      const folder = join(workspace, 'store');
      await mkdir(folder);
      await rename(target, join(folder, 'real.db'));
      await symlink(join('..', 'store', 'real.db'), target);
      await chmod(folder, 0o555);
    },
    code: 'read-only',
    message: /^The folder of data\/jarvis_analytics\.db is read-only\./,
  },
];

describe('the places of what is undone', function () {
  this.timeout(60_000);

  for (const act of ['restore', 'rollBack'] as const) {
    for (const { title, make, code, message } of [...unclear, ...irreplaceable]) {
      posix(`${act}: refuses ${title}, and writes nothing, not even a folder`, () =>
        withRun(async (workspace, id) => {
          const { target } = pathsOf(workspace);
          await make(target, workspace, id);
          try {
            const before = await hashTree(workspace);
            const report = await undo(act, workspace, id);
            assert.deepEqual([report.outcome, report.error?.code, report.backup], ['refused', code, null]);
            assert.match(report.error?.message ?? '', message);
            assert.ok(report.error?.hint, 'names no next step');
            assert.deepEqual(pick(await hashTree(workspace), isFile), before);
            assert.ok((await listFiles(workspace)).every((path) => !path.endsWith('.stage')));
          } finally {
            await chmod(join(workspace, 'store'), 0o755).catch(() => undefined);
          }
        }),
      );
    }

    for (const { title, make, code, message } of irreplaceable) {
      posix(`${act}: a dry run warns of ${title}`, () =>
        withRun(async (workspace, id) => {
          const { target } = pathsOf(workspace);
          await make(target, workspace, id);
          try {
            const report = await undo(act, workspace, id, true);
            assert.deepEqual([report.outcome, report.error], ['committed', null]);
            const told = report.warnings.filter((warning) => warning.code === code);
            assert.equal(told.length, 1, JSON.stringify(report.warnings));
            assert.match(told[0]?.message ?? '', message);
          } finally {
            await chmod(join(workspace, 'store'), 0o755).catch(() => undefined);
          }
        }),
      );
    }

    for (const { title, make, code } of unclear) {
      posix(`${act}: a dry run refuses ${title}`, () =>
        withRun(async (workspace, id) => {
          await make(pathsOf(workspace).target, workspace, id);
          const { outcome, error } = await undo(act, workspace, id, true);
          assert.deepEqual([outcome, error?.code], ['refused', code]);
        }),
      );
    }
  }

  posix('X1: what a link outside of the workspace leads to is not even read', () =>
    withFolder((outside) =>
      withRun(async (workspace, id) => {
        const { target } = pathsOf(workspace);
        const secret = join(outside, 'secret.db');
        await writeFile(secret, 'no database');
        await rm(target);
        await symlink(secret, target);
        for (const act of ['restore', 'rollBack'] as const) {
          const { error } = await undo(act, workspace, id);
          assert.equal(error?.code, 'outside-workspace');
        }
      }),
    ),
  );

  posix('E4: a target that has become a link to a legacy database leaves that as it is', () =>
    withRun(async (workspace, id) => {
      const { target, llm } = pathsOf(workspace);
      const before = (await hashTree(workspace))['data/llm_costs.db'];
      await rm(target);
      await symlink('llm_costs.db', target);
      const { error } = await undo('restore', workspace, id);
      assert.deepEqual([error?.code, error?.path], ['same-file', 'data/jarvis_analytics.db']);
      assert.equal((await hashTree(workspace))['data/llm_costs.db'], before, llm);
    }),
  );

  it('restore: names the way around a file that is no database any more, and that way works', () =>
    withRun(async (workspace, id) => {
      const { target, llm } = pathsOf(workspace);
      const before = (await hashTree(workspace))['data/llm_costs.db'];
      for (const path of [llm, target]) {
        await writeFile(path, path === llm ? '' : 'no database');
        const { error } = await undo('restore', workspace, id);
        assert.match(error?.hint ?? '', /^Move data\/\w+\.db away/);
        await rename(path, `${path}.damaged`);
      }
      const { outcome } = await undo('restore', workspace, id);
      assert.equal(outcome, 'committed');
      assert.equal((await hashTree(workspace))['data/llm_costs.db'], before);
    }));

  posix('P10: the dry run of a migration warns of a target that is read-only', () =>
    withSample(async (workspace) => {
      await chmod(pathsOf(workspace).target, 0o444);
      const { warnings, outcome } = await run(workspace, 'dryRun');
      assert.equal(outcome, 'committed');
      assert.deepEqual(
        warnings.filter(({ code }) => code === 'read-only').map(({ message }) => message),
        ['data/jarvis_analytics.db is read-only. Allow writing to the file and its folder, then try again.'],
      );
    }),
  );
});
