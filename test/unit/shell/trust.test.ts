import assert from 'node:assert/strict';
import { CoreError } from '../../../src/core/errors';
import type { RunMode } from '../../../src/core/report/model';
import { requireTrust, requireTrustToWrite } from '../../../src/shell/trust';

describe('X5: workspace trust', () => {
  const modes: Readonly<Record<RunMode, boolean>> = { dryRun: true, validate: true, migrate: false, backupOnly: false };
  for (const [mode, allowed] of Object.entries(modes) as [RunMode, boolean][]) {
    it(`${allowed ? 'allows' : 'refuses'} ${mode} in an untrusted workspace, and allows it in a trusted one`, () => {
      requireTrust(mode, true);
      if (allowed) requireTrust(mode, false);
      else {
        assert.throws(
          () => requireTrust(mode, false),
          (error: unknown) => error instanceof CoreError && error.code === 'untrusted' && error.hint !== null,
        );
      }
    });
  }

  it('refuses what writes and is no run, such as archiving and restoring', () => {
    requireTrustToWrite(true);
    assert.throws(
      () => requireTrustToWrite(false),
      (error: unknown) => error instanceof CoreError && error.code === 'untrusted' && error.hint !== null,
    );
  });
});
