import assert from 'node:assert/strict';
import { questionAt, type PlanPosition, type PlanQuestion } from '../../../../src/shell/plan/plan-question';
import { atCursor, legacy, stepWith, target } from './marked-text';

function ask({ text, offset }: { readonly text: string; readonly offset: number }): PlanPosition | null {
  return questionAt(text, offset);
}

/** What an answer would replace. */
function replaced(marked: { readonly text: string; readonly offset: number }): string | undefined {
  const position = ask(marked);
  return position === null ? undefined : marked.text.slice(position.start, position.end);
}

describe('what can be completed in a plan file', () => {
  const expression: PlanQuestion = { kind: 'expression', ...legacy };
  const column = (table: typeof legacy | typeof target, written: boolean, ...named: string[]): PlanQuestion => ({
    kind: 'column',
    ...table,
    named,
    written,
  });
  const cases: readonly (readonly [what: string, marked: string, expected: PlanQuestion | null])[] = [
    ['a key of columns', '"columns": { "|" }', column(target, true)],
    ['a key of columns, without quotes', '"columns": { | }', column(target, true)],
    ['a key of columns, the others named', '"columns": { "id": "id", "|" }', column(target, true, 'id')],
    [
      'a key of columns, a reference named',
      '"references": { "user_id": {} }, "columns": { "|" }',
      column(target, true, 'user_id'),
    ],
    ['the key that the cursor is in counts not as named', '"columns": { "i|d": "id" }', column(target, true)],
    ['a key of rebuild', '"rebuild": { "|" }', column(legacy, false)],
    ['a key of references', '"references": { "|" }', column(target, true)],
    ['a value of columns', '"columns": { "id": "|" }', expression],
    ['a value of columns, behind an operator', '"columns": { "id": "a + |b" }', expression],
    ['a value of columns called table', '"columns": { "table": "|" }', expression],
    ['a value of columns that is not there', '"columns": { "id": | }', expression],
    ['a value of columns, a string not closed', '"columns": { "id": "in|', expression],
    ['a value of rebuild is over the target row', '"rebuild": { "x": "|" }', { kind: 'expression', ...target }],
    ['the value of a reference', '"references": { "user_id": { "value": "|" } }', expression],
    [
      'the table of a reference',
      '"references": { "user_id": { "table": "|" } }',
      { kind: 'table', database: target.database },
    ],
    [
      'the column of a reference',
      '"references": { "user_id": { "table": "users", "column": "|" } }',
      { kind: 'column', database: target.database, table: 'users', named: [], written: false },
    ],
    ['the table of a parent', '"parents": [{ "table": "|" }]', { kind: 'table', database: target.database }],
    [
      'a key of a parent',
      '"parents": [{ "table": "users", "columns": { "|" } }]',
      { kind: 'column', database: target.database, table: 'users', named: [], written: true },
    ],
    ['a value of a parent', '"parents": [{ "table": "users", "columns": { "id": "|" } }]', expression],
    ['the key of the step', '"key": ["|"]', column(target, false)],
    ['the column for metadata', '"metadata": "|"', column(target, false)],
    ['nothing inside a text literal', `"columns": { "feature": "'leg|acy'" }`, null],
    ['nothing inside a comment', '"columns": { "id": "id -- of |" }', null],
    ['nothing behind a closed string', '"columns": { "id": "id"| }', null],
    ['nothing where nobody knows better', '"residual": "|"', null],
    ['nothing in a comment of the file', '"key": [] /* | */', null],
  ];
  for (const [what, marked, expected] of cases)
    it(what, () => assert.deepEqual(ask(stepWith(marked))?.question ?? null, expected));

  it('databases, by the role that is wanted', () => {
    const at = (marked: string): PlanQuestion | undefined => ask(atCursor(marked))?.question;
    assert.deepEqual(at('{ "steps": [{ "legacy": { "database": "|" } }] }'), { kind: 'database', role: 'legacy' });
    assert.deepEqual(at('{ "steps": [{ "target": { "database": "|" } }] }'), { kind: 'database', role: 'target' });
    assert.deepEqual(at('{ "criteria": [{ "database": "|" }] }'), { kind: 'database', role: 'any' });
    assert.deepEqual(at('{ "criteria": [{ "accountedFor": { "database": "|" } }] }'), {
      kind: 'database',
      role: 'any',
    });
  });

  it('tables of the database that is named beside them, but not the new name of an adopted one', () => {
    const named = '"database": "data/x.db", "table": "|"';
    const table = { kind: 'table', database: 'data/x.db' };
    const question = (marked: string): unknown => ask(atCursor(marked))?.question;
    assert.deepEqual(question(`{ "steps": [{ "legacy": { ${named} } }] }`), table);
    assert.deepEqual(question(`{ "steps": [{ "strategy": "map", "target": { ${named} } }] }`), table);
    assert.deepEqual(question(`{ "criteria": [{ "accountedFor": { ${named} } }] }`), table);
    assert.equal(question(`{ "steps": [{ "strategy": "adopt", "target": { ${named} } }] }`), undefined);
    assert.equal(question('{ "steps": [{ "legacy": { "table": "|" } }] }'), undefined);
  });

  it('replaces the whole string outside of SQL, and one name inside', () => {
    assert.equal(replaced(stepWith('"key": ["i|d"]')), '"id"');
    assert.equal(replaced(stepWith('"columns": { "in|put": "x" }')), '"input"');
    assert.equal(replaced(stepWith('"columns": { inp| }')), 'inp');
    assert.equal(replaced(stepWith('"columns": { "id": "coalesce(time|stamp, 0)" }')), 'timestamp');
    assert.equal(replaced(stepWith('"columns": { "id": "a+|" }')), '');
    assert.equal(replaced(stepWith(String.raw`"columns": { "id": "a +\nnam|" }`)), 'nam');
    assert.equal(replaced(stepWith(String.raw`"columns": { "id": "1 + \"two wo|rds\"" }`)), 'two words');
    assert.equal(replaced(stepWith(`"columns": { "id": "'it''s' || na|me" }`.replace('||', '+'))), 'name');
  });

  it('says what is missing after a key', () => {
    const missing = (marked: string): unknown => ask(stepWith(marked))?.missing;
    assert.deepEqual(missing('"columns": { "|" }'), { value: 'text', comma: false });
    assert.deepEqual(missing('"columns": { "|" "b": "c" }'), { value: 'text', comma: true });
    assert.deepEqual(missing('"columns": { "|" // why\n "b": "c" }'), { value: 'text', comma: true });
    assert.deepEqual(missing('"columns": { "|": "c" }'), { value: null, comma: false });
    assert.deepEqual(missing('"references": { "|" }'), { value: 'reference', comma: false });
  });

  it('survives any text and any offset in it', () => {
    const { text } = stepWith('"columns": { "id": "a + \\"b\\" || \'c\'" }, "key": ["|"]');
    for (let end = 0; end <= text.length; end++)
      for (const offset of [end, Math.floor(end / 2)]) questionAt(text.slice(0, end), offset);
    assert.equal(questionAt('['.repeat(200_000), 200_000), null);
  });
});
