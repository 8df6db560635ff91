import assert from 'node:assert/strict';
import type { RunResult } from '../../../src/engine/protocol';
import { CoreError, type CoreErrorCode } from '../../../src/core/errors';
import { runWithConsent, withConsent, type Consent } from '../../../src/shell/consent';

const nothing: Consent = { applicationStopped: false, openAnyway: false };

/** A run that needs every consent of a list, in its order. */
function needing(...codes: readonly (readonly [CoreErrorCode, keyof Consent])[]) {
  const attempts: Consent[] = [];
  const attempt = (consent: Consent): Promise<RunResult> => {
    attempts.push(consent);
    const missing = codes.find(([, question]) => !consent[question]);
    const error = missing === undefined ? null : { code: missing[0], message: '', path: null, hint: null };
    return Promise.resolve({ report: { error } } as RunResult);
  };
  return { attempts, attempt };
}

function answering(answer: boolean) {
  const asked: string[] = [];
  const ask = (question: keyof Consent): Promise<boolean> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  return { asked, ask };
}

describe('consent to a run', () => {
  it('is not asked for where nothing needs it', async () => {
    const { attempts, attempt } = needing();
    const { asked, ask } = answering(true);
    assert.deepEqual((await runWithConsent(attempt, ask))?.consent, nothing);
    assert.deepEqual([attempts, asked], [[nothing], []]);
  });

  it('B7, L2: is asked for each question once, and goes on with all answers', async () => {
    const { attempts, attempt } = needing(['needs-memory', 'openAnyway'], ['in-use-unknown', 'applicationStopped']);
    const { asked, ask } = answering(true);
    const done = await runWithConsent(attempt, ask);
    assert.deepEqual(asked, ['openAnyway', 'applicationStopped']);
    assert.deepEqual(attempts, [
      nothing,
      { ...nothing, openAnyway: true },
      { applicationStopped: true, openAnyway: true },
    ]);
    assert.equal(done?.report.error, null);
    assert.deepEqual(done.consent, attempts[2]);
  });

  it('B7: is not asked for again in the run that goes on from a rehearsal', async () => {
    const { attempt } = needing(['needs-memory', 'openAnyway']);
    const { asked, ask } = answering(true);
    await runWithConsent(attempt, ask, { ...nothing, openAnyway: true });
    assert.deepEqual(asked, []);
  });

  it('B7: the answer no ends the run, and it is not tried again', async () => {
    const { attempts, attempt } = needing(['needs-memory', 'openAnyway']);
    assert.equal(await runWithConsent(attempt, answering(false).ask), undefined);
    assert.deepEqual(attempts, [nothing]);
  });

  it('is not asked for twice where it does not help, nor for other refusals', async () => {
    for (const code of ['needs-memory', 'too-large'] as const) {
      const attempt = (): Promise<RunResult> =>
        Promise.resolve({ report: { error: { code, message: '', path: null, hint: null } } } as RunResult);
      const { asked, ask } = answering(true);
      assert.equal((await runWithConsent(attempt, ask))?.report.error?.code, code);
      assert.deepEqual(asked, code === 'needs-memory' ? ['openAnyway'] : []);
    }
  });

  it('B7: is asked for where a request throws, which is thrown on where nobody can help', async () => {
    const attempt = ({ openAnyway }: Consent): Promise<string> =>
      openAnyway ? Promise.resolve('done') : Promise.reject(new CoreError('needs-memory', 'too much'));
    const yes = answering(true);
    const done = await withConsent(attempt, () => null, yes.ask);
    assert.deepEqual(done, { result: 'done', consent: { ...nothing, openAnyway: true } });
    const damaged = new CoreError('damaged', 'gone');
    await assert.rejects(
      withConsent(
        () => Promise.reject(damaged),
        () => null,
        yes.ask,
      ),
      damaged,
    );
    assert.deepEqual(yes.asked, ['openAnyway']);
  });
});
