import assert from 'node:assert/strict';
import type { DatabaseEntry, DatabaseRole, FileState } from '../../../../src/core/catalogue/model';
import type { PlanDescription } from '../../../../src/engine/protocol';
import { questionAt } from '../../../../src/shell/plan/plan-question';
import { proposeColumns, proposeDatabases, proposeTables, type Proposal } from '../../../../src/shell/plan/proposals';
import { atCursor, stepWith } from './marked-text';

const column = (name: string, change: object = {}): PlanDescription['tables'][number]['columns'][number] => ({
  name,
  type: 'TEXT',
  notNull: false,
  primaryKey: 0,
  generated: false,
  ...change,
});
const description: PlanDescription = {
  tables: [
    { name: 'other', columns: [column('strange')] },
    {
      name: 'LLM_Costs',
      columns: [
        column('id', { type: 'INTEGER', primaryKey: 1 }),
        column('order', { notNull: true }),
        column('two words'),
        column('cost"usd'),
        column('sum', { generated: true }),
      ],
    },
    { name: 'llm_usage', columns: [column('id'), column('order'), column('two words'), column('cost"usd')] },
  ],
};

function columns(marked: { readonly text: string; readonly offset: number }): readonly Proposal[] {
  const position = questionAt(marked.text, marked.offset);
  assert.ok(position !== null);
  const { question } = position;
  assert.ok(question.kind === 'column' || question.kind === 'expression');
  return proposeColumns(position, question, description);
}

const texts = (proposals: readonly Proposal[]): readonly string[] => proposals.map(({ text }) => text);

describe('what completion proposes in a plan file', () => {
  it('columns of the target that are not named yet and can be written, whatever the case of the names', () => {
    const proposals = columns(stepWith('"columns": { "ID": "id", "|" }'));
    assert.deepEqual(
      proposals.map(({ label, detail }) => [label, detail]),
      [
        ['order', 'TEXT, not null'],
        ['two words', 'TEXT'],
        ['cost"usd', 'TEXT'],
      ],
    );
  });

  it('a key with what is missing after it', () => {
    const [first] = columns(stepWith('"columns": { "|" "x": "y" }'));
    assert.deepEqual([first?.text, first?.rest], ['"id": "', '",']);
    const [reference] = columns(stepWith('"references": { "|" }'));
    assert.deepEqual([reference?.text, reference?.rest], ['"id": { "value": "', '" }']);
    const [there] = columns(stepWith('"columns": { "|": "y" }'));
    assert.deepEqual([there?.text, there?.rest], ['"id"', null]);
  });

  it('names in SQL, quoted for SQL and for JSON where they must be', () => {
    const names = ['id', String.raw`\"order\"`, String.raw`\"two words\"`, String.raw`\"cost\"\"usd\"`];
    assert.deepEqual(texts(columns(stepWith('"columns": { "x": "|" }'))), names);
    assert.deepEqual(
      texts(columns(stepWith('"columns": { "x": | }'))),
      names.map((name) => `"${name}"`),
    );
    assert.deepEqual(texts(columns(stepWith(String.raw`"columns": { "x": "\"|\"" }`))), [
      'id',
      'order',
      'two words',
      String.raw`cost\"\"usd`,
    ]);
  });

  it('tables, with their columns', () => {
    const { text, offset } = atCursor('{ "steps": [{ "legacy": { "database": "a.db", "table": "|" } }] }');
    const position = questionAt(text, offset);
    assert.ok(position !== null);
    const [first, second] = proposeTables(position, description);
    assert.deepEqual([first?.text, first?.detail], ['"other"', 'strange']);
    assert.equal(second?.detail, 'id, order, two words, cost"usd, sum');
  });

  it('databases inside the workspace folder, those of the wanted role first', () => {
    const entry = (database: string, role: DatabaseRole, state: FileState = 'ready'): DatabaseEntry => ({
      database,
      role,
      domain: null,
      state,
      problem: null,
      applies: null,
      frames: 0,
      size: 1,
      modified: 0,
      walSize: 0,
    });
    const entries = [
      entry('data/jarvis_core.db', 'consolidated'),
      entry('data/llm_costs.db', 'legacy'),
      entry('data/broken.db', 'legacy', 'damaged'),
      entry('/elsewhere/x.db', 'legacy'),
      entry('../y.db', 'legacy'),
      entry('C:/z.db', 'legacy'),
    ];
    const propose = (marked: string): readonly string[] => {
      const { text, offset } = atCursor(marked);
      const position = questionAt(text, offset);
      assert.ok(position?.question.kind === 'database');
      return proposeDatabases(position, position.question, entries).map(({ text: written, detail }) =>
        [written, detail].join(' '),
      );
    };
    const core = '"data/jarvis_core.db" consolidated';
    const legacy = ['"data/llm_costs.db" legacy', '"data/broken.db" legacy, damaged'];
    assert.deepEqual(propose('{ "steps": [{ "legacy": { "database": "|" } }] }'), [...legacy, core]);
    assert.deepEqual(propose('{ "steps": [{ "target": { "database": "|" } }] }'), [core, ...legacy]);
  });
});
