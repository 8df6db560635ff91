import assert from 'node:assert/strict';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { printPlan } from '../../../../src/core/plan/print-plan';
import { findSteps, findTableName } from '../../../../src/shell/plan/plan-text';
import { atCursor } from './marked-text';

describe('the text of a plan file', () => {
  it('has its steps, each where it stands', () => {
    const plan = jarvisPlan('data');
    const text = printPlan(plan);
    const steps = findSteps(text);
    assert.equal(steps.length, plan.steps.length);
    for (const [index, step] of plan.steps.entries()) {
      assert.equal(steps[index]?.domain, step.domain);
      assert.deepEqual(steps[index].legacy, step.legacy);
      assert.equal(text.charAt(steps[index].offset), '{');
    }
  });

  it('keeps the number of a step beside others that are none, and is told no domain that there is not', () => {
    const steps = findSteps('{ "steps": [ 1, { "domain": "cache" }, { "domain": "memory" }, { ');
    assert.deepEqual(
      steps.map(({ index, domain, legacy }) => [index, domain, legacy]),
      [
        [1, 'cache', null],
        [2, null, null],
        [3, null, null],
      ],
    );
  });

  it('has no steps where it is no plan', () => {
    for (const text of ['', '[]', '{ "steps": {} }', 'null', '['.repeat(200_000)])
      assert.deepEqual(findSteps(text), []);
  });

  it('names tables of databases', () => {
    const find = (marked: string): unknown => {
      const { text, offset } = atCursor(marked);
      const found = findTableName(text, offset);
      return found === null
        ? null
        : [found.database, found.table, text.slice(found.offset, found.offset + found.length)];
    };
    assert.deepEqual(find('{ "steps": [{ "legacy": { "table": "t|1", "database": "a.db" } }] }'), [
      'a.db',
      't1',
      '"t1"',
    ]);
    assert.deepEqual(find('{ "steps": [{ "target": { "database": "b.db" }, "parents": [{ "table": "us|ers" }] }] }'), [
      'b.db',
      'users',
      '"users"',
    ]);
    assert.equal(find('{ "steps": [{ "legacy": { "tab|le": "t1", "database": "a.db" } }] }'), null);
    assert.equal(find('{ "steps": [{ "legacy": { "table": "t|1" } }] }'), null);
    assert.equal(find('{ "steps": [{ "columns": { "table": "t|1", "database": "a.db" } }] }'), null);
  });
});
