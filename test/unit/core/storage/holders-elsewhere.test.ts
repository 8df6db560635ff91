/** L1, L2, E1: who has a file open on macOS and Windows, in containers and on network drives. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, open, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { FileOnDisk } from '../../../../src/core/storage/holders';
import { refusalOf } from '../../../../src/core/storage/holders';
import { isMountedIn } from '../../../../src/core/storage/mounts';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { findWithLsof, parseLsof } from '../../../../src/core/storage/node-lsof';
import { findByShareMode } from '../../../../src/core/storage/node-share-mode';
import { networkDriveOf } from '../../../../src/core/storage/node-volume';
import { systemError } from '../../../fixtures/faulty-file-store';
import { withTemporaryFolder } from '../../../fixtures/temporary-folder';

async function onDisk(path: string): Promise<FileOnDisk> {
  const stat = await nodeFileStore.stat(path);
  assert.ok(stat !== null);
  return { path, stat };
}

function has(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

describe('holders by lsof', function () {
  this.timeout(30_000);

  it('reads a line per field: processes, and the files of each', () => {
    const output =
      'p11\ncpython3.12\nf3\nD0x1000004\ni42\nf4\nD0x1000004\ni43\np12\ncJarvis Helper\nf9\nD0x1\ni42\nf10\ni7\n';
    assert.deepEqual(parseLsof(output), [
      { pid: 11, command: 'python3.12', device: 0x1000004n, inode: '42' },
      { pid: 11, command: 'python3.12', device: 0x1000004n, inode: '43' },
      { pid: 12, command: 'Jarvis Helper', device: 1n, inode: '42' },
    ]);
    assert.deepEqual(parseLsof(''), []);
  });

  it('L1: a real lsof names the process that has one of two files open', async function () {
    if (!has('lsof', '-v')) return this.skip();
    await withTemporaryFolder(async (folder) => {
      const paths = [join(folder, 'a b.db'), join(folder, 'b.db')];
      for (const path of paths) await writeFile(path, 'x', { mode: 0o600 });
      const files = await Promise.all(paths.map(onDisk));
      assert.deepEqual(await findWithLsof(files, 'lsof'), [{ kind: 'none' }, { kind: 'none' }]);
      const child = spawn('sh', ['-c', 'exec 3<"$1"; echo READY; read line', 'sh', paths[0] ?? ''], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        await once(child.stdout, 'data');
        const [held, free] = await findWithLsof(files, 'lsof');
        assert.ok(held?.kind === 'held');
        assert.deepEqual(
          held.holders.map(({ pid }) => pid),
          [child.pid],
        );
        assert.deepEqual(free, { kind: 'none' });
      } finally {
        child.stdin.end();
        await once(child, 'exit');
      }
    });
  });

  it('L2: what others may write, a missing lsof, one that complains and one that hangs are "unknown"', () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.db');
      await writeFile(path, 'x');
      const file = await onDisk(path);
      const script = async (name: string, body: string): Promise<string> => {
        await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
        await chmod(join(folder, name), 0o755);
        return join(folder, name);
      };
      const ask = async (command: string, of = file): Promise<string> => {
        const [answer] = await findWithLsof([of], command);
        return answer?.kind === 'unknown' ? answer.reason : String(answer?.kind);
      };
      const silent = await script('silent', 'exit 1');
      assert.equal(await ask(silent), 'none');
      assert.match(await ask(silent, { ...file, stat: { ...file.stat, mode: 0o100666 } }), /other users may write it/);
      assert.match(await ask(join(folder, 'missing')), /lsof failed/);
      assert.match(await ask(await script('complains', 'echo "lsof: no pwd entry" >&2; exit 1')), /no pwd entry/);
      assert.match(await ask(await script('hangs', 'exec sleep 20')), /did not answer within 5 seconds/);
    }));
});

describe('holders by share mode', () => {
  const file = { path: 'C:\\jarvis\\a.db' } as FileOnDisk;
  const asked = async (...codes: readonly (string | null)[]) => {
    const pauses: number[] = [];
    let tries = 0;
    const openFile = (path: string, flags: number): Promise<void> => {
      assert.equal(flags, 0x1000_0000);
      const code = codes[Math.min(tries++, codes.length - 1)] ?? null;
      return code === null ? Promise.resolve() : Promise.reject(systemError(code, 'open', path));
    };
    const [answer] = await findByShareMode([file], openFile, (pause) => Promise.resolve(pauses.push(pause)));
    return { answer, pauses };
  };

  it('L1: a file that stays shut is open elsewhere, by whom Windows does not tell', async () => {
    const { answer, pauses } = await asked('EBUSY');
    assert.deepEqual(answer, { kind: 'held', holders: [] });
    assert.deepEqual(pauses, [50, 200, 500]);
    assert.match(refusalOf({ kind: 'held', holders: [] }, 'a.db', true)?.message ?? '', /is open in another process/);
  });

  it('one that a virus scanner had open for a moment is nobody’s', async () => {
    assert.deepEqual((await asked('EBUSY', 'EBUSY', null)).answer, { kind: 'none' });
    assert.deepEqual((await asked(null)).answer, { kind: 'none' });
    assert.deepEqual((await asked('ENOENT')).answer, { kind: 'none' });
  });

  it('L2: one that may not be opened is unknown', async () => {
    assert.equal((await asked('EPERM')).answer?.kind, 'unknown');
  });

  it('opens a real file and closes it again', () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.db');
      await writeFile(path, 'x');
      const openFile = async (name: string): Promise<void> => (await open(name, 'r')).close();
      assert.deepEqual(await findByShareMode([await onDisk(path)], openFile), [{ kind: 'none' }]);
    }));
});

describe('holders in containers', function () {
  this.timeout(60_000);
  const ours = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '30 22 8:2 / /home rw - ext4 /dev/sda2 rw',
    '31 22 0:40 /@data /mnt/my\\040disk rw - btrfs /dev/sdb rw',
  ].join('\n');
  const container = (mount: string): string =>
    ['500 400 0:90 / / rw - overlay overlay rw', '501 500 0:91 / /proc rw - proc proc rw', mount].join('\n');

  for (const [what, mount, path, expected] of [
    [
      'its very folder is mounted',
      '502 500 8:2 /ann/jarvis/data /data rw - ext4 x rw',
      '/home/ann/jarvis/data/a.db',
      true,
    ],
    ['a folder above it is mounted', '502 500 8:2 /ann /work rw - ext4 x rw', '/home/ann/jarvis/data/a.db', true],
    [
      'a folder beside it is mounted',
      '502 500 8:2 /ann/jarvis/data2 /data rw - ext4 x rw',
      '/home/ann/jarvis/data/a.db',
      false,
    ],
    [
      'the same folder of another disk is mounted',
      '502 500 8:1 /ann /work rw - ext4 x rw',
      '/home/ann/jarvis/data/a.db',
      false,
    ],
    [
      'a subvolume with a blank in its path is mounted',
      '502 500 0:40 /@data/j /j rw - btrfs x rw',
      '/mnt/my disk/j/a.db',
      true,
    ],
    ['nothing of the machine is mounted', '', '/home/ann/jarvis/data/a.db', false],
  ] as const) {
    it(`L2: ${what}: ${expected ? 'it can write the file' : 'the file is out of its reach'}`, () => {
      assert.equal(isMountedIn(container(mount), ours, path), expected);
    });
  }

  it('L2: in a container, a file outside its own file system is unknown', async function () {
    if (process.platform !== 'linux' || !has('unshare', '-p', '-f', '--mount-proc', 'true')) return this.skip();
    await withTemporaryFolder(async (folder) => {
      const outside = join('/dev/shm', `jarvis-test-${process.pid}.db`);
      const inside = join(folder, 'a.db');
      for (const path of [outside, inside]) await writeFile(path, 'x', { mode: 0o600 });
      try {
        const script = `
          import { nodeHolders } from ${JSON.stringify(resolve('src/core/storage/node-holders'))};
          import { nodeFileStore } from ${JSON.stringify(resolve('src/core/storage/node-file-store'))};
          const files = process.argv.slice(2).map(async (path) => ({ path, stat: await nodeFileStore.stat(path) }));
          Promise.all(files).then((all) => nodeHolders.find(all)).then((answers) => console.log(JSON.stringify(answers)));`;
        await writeFile(join(folder, 'ask.ts'), script);
        const node = [
          process.execPath,
          '--import',
          createRequire(__filename).resolve('tsx'),
          join(folder, 'ask.ts'),
          outside,
          inside,
        ];
        const output = execFileSync('unshare', ['-p', '-f', '--mount-proc', ...node], { encoding: 'utf8' });
        const [first, second] = JSON.parse(output) as { readonly kind: string; readonly reason?: string }[];
        assert.match(first?.reason ?? '', /lies outside this container/);
        const isOnRoot = (await nodeFileStore.stat(inside))?.device === (await nodeFileStore.stat('/'))?.device;
        assert.equal(second?.kind, isOnRoot ? 'none' : 'unknown');
      } finally {
        await rm(outside);
      }
    });
  });
});

describe('network drives', () => {
  it('E1: a local folder is on none, and one that is not there neither', async () => {
    assert.equal(await networkDriveOf('/'), null);
    assert.equal(await networkDriveOf('/no/such/folder'), null);
  });
});
