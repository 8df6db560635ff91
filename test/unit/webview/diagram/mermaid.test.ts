import assert from 'node:assert/strict';
import { mermaidOf } from '../../../../src/webview/diagram/mermaid';

const column = (name: string, type: string, primary = false) => ({ name, type, notNull: false, primary });

describe('a diagram as Mermaid', () => {
  it('has every table with its columns and keys, and every reference by its columns', () => {
    const text = mermaidOf({
      tables: [
        {
          name: 'orders',
          virtual: false,
          columns: [column('id', 'INTEGER', true), column('customer', 'VARCHAR(20)'), column('note', '')],
          references: [{ table: 'customers', missing: false, columns: [{ child: 'customer', parent: 'name' }] }],
        },
        { name: 'customers', virtual: false, columns: [column('name', 'TEXT', true)], references: [] },
        { name: 'empty', virtual: true, columns: [], references: [] },
      ],
    });
    assert.equal(
      text,
      `erDiagram
  t0["orders"] {
    INTEGER id PK
    VARCHAR_20 customer FK
    any note
  }
  t1["customers"] {
    TEXT name PK
  }
  t2["empty"]
  t0 }o--|| t1 : "customer"
`,
    );
  });

  it('S1, X2: takes names for names: nothing in one ends its label or begins a directive', () => {
    const name = `a"] {\n%%{init}%% <b>\u202E`;
    const text = mermaidOf({
      tables: [
        {
          name,
          virtual: false,
          columns: [column(name, 'INT; DROP', true)],
          references: [{ table: `${name} gone`, missing: true, columns: [{ child: name, parent: 'x"y' }] }],
        },
      ],
    });
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 6);
    assert.doesNotMatch(text, /%%|<b>|\u202E|init\}/);
    for (const line of lines.filter((one) => one.includes('"'))) assert.equal(line.match(/"/g)?.length, 2, line);
  });
});
