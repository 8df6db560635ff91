/**
 * Runs the host suite on a fresh sample workspace, and throws the workspace away; with `--web`, the suite of VS Code's web
 * worker host. The exit code is the suite's.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';
import { makeWebSample } from './web-sample';

const root = resolve(__dirname, '..', '..');

async function main(isWeb: boolean): Promise<number> {
  const workspace = await mkdtemp(join(tmpdir(), 'jarvis-suite-'));
  try {
    await (isWeb ? makeWebSample : makeSample)(workspace);
    const runner = [
      join(__dirname, 'run-suite.ts'),
      join(root, 'out', isWeb ? 'web-suite' : 'host-suite', 'index.js'),
      '--folder',
      workspace,
      ...(isWeb ? ['--web'] : []),
    ];
    const suite = spawn(process.execPath, ['--import', 'tsx', ...runner], { cwd: root, stdio: 'inherit' });
    return await new Promise((done, fail) => {
      suite.on('exit', (code) => done(code ?? 1));
      suite.on('error', fail);
    });
  } finally {
    await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
  }
}

main(process.argv.includes('--web')).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
