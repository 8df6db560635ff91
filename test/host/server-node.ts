/** Which Node runs the VS Code server: the project builds on Node 20, the server needs 22.15. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hostModules } from './paths';

/** The running Node if it is new enough, else the one npm brought for this platform. `TEST_HOST_NODE` overrides both. */
export function findServerNode(): string {
  const chosen = process.env['TEST_HOST_NODE'];
  if (chosen) return chosen;
  if (isNewEnough(process.versions.node)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const bundled = [`node-${platform}`, `node-bin-${platform}`]
    .map((name) => join(hostModules, name, 'bin', 'node'))
    .find((path) => existsSync(path));
  if (bundled) return bundled;
  throw new Error(
    `The VS Code server needs Node 22.15 or newer; this is ${process.versions.node}, and npm has no other for ${platform}. ` +
      'Run with a newer Node, or name one in TEST_HOST_NODE.',
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15);
}
