import assert from 'node:assert/strict';
import { RehearsedRuns, tokenMinutes } from '../../../../src/shell/tools/rehearsed-runs';

describe('the token of a dry run', () => {
  const refusal = (message: RegExp) => ({ code: 'run-unknown', message });

  it('stands for its own dry run, which looking does not use up', () => {
    const runs = new RehearsedRuns<string>();
    const [first, second] = [runs.keep('first'), runs.keep('second')];
    assert.notEqual(first, second);
    assert.equal(runs.look(first), 'first');
    assert.equal(runs.take(first), 'first');
    assert.equal(runs.take(second), 'second');
  });

  it('is refused where nobody gave it, and once it was used', () => {
    const runs = new RehearsedRuns<string>();
    const token = runs.keep('run');
    assert.throws(() => runs.take('00000000-0000-4000-8000-000000000000'), refusal(/of no dry run/));
    runs.take(token);
    assert.throws(() => runs.take(token), refusal(/used already/));
    assert.throws(() => runs.look(token), refusal(/used already/));
  });

  it('is refused when its time is over', () => {
    let now = 0;
    const runs = new RehearsedRuns<string>(() => now);
    const token = runs.keep('run');
    now = tokenMinutes * 60_000 - 1;
    assert.equal(runs.look(token), 'run');
    now++;
    assert.throws(() => runs.take(token), refusal(/older than/));
  });

  it('is forgotten when many came after it', () => {
    const runs = new RehearsedRuns<number>();
    const tokens = Array.from({ length: 40 }, (_, index) => runs.keep(index));
    assert.throws(() => runs.take(tokens[0] ?? ''), refusal(/of no dry run/));
    assert.equal(runs.take(tokens.at(-1) ?? ''), 39);
  });
});
