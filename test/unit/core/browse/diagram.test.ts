/** What a diagram is drawn from, read from real databases. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseDiagram } from '../../../../src/core/browse/diagram';
import { withFolder } from '../../../support/folders';
import { create, createManyTables } from '../../../support/sqlite';
import { handlers, silent } from '../../../support/workspace';

async function read(folder: string): Promise<DatabaseDiagram> {
  const target = { path: join(folder, 'x.db'), database: 'x.db', viewer: 'test' };
  try {
    return await handlers['browse.diagram'](target, silent);
  } finally {
    await handlers['browse.close'](target, silent);
  }
}

const diagramOf = (sql: string): Promise<DatabaseDiagram> =>
  withFolder(async (folder) => {
    await create(join(folder, 'x.db'), sql);
    return read(folder);
  });

describe('the diagram of a database', () => {
  it('finds parents whatever their case, the key that a reference leaves out, and parents that are not there', async () => {
    const { tables } = await diagramOf(
      `CREATE TABLE Parent (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID; CREATE VIEW v AS SELECT 1;
       CREATE TABLE child (x INT, y TEXT, z INT REFERENCES nowhere (id), up INT REFERENCES child,
         id INTEGER PRIMARY KEY, FOREIGN KEY (x, y) REFERENCES parent)`,
    );
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['child', 'Parent'],
    );
    const [child] = tables;
    const byTable = new Map(child?.references.map((reference) => [reference.table, reference]));
    assert.deepEqual(byTable.get('Parent'), {
      table: 'Parent',
      missing: false,
      columns: [
        { child: 'x', parent: 'b' },
        { child: 'y', parent: 'a' },
      ],
    });
    assert.deepEqual(byTable.get('nowhere'), {
      table: 'nowhere',
      missing: true,
      columns: [{ child: 'z', parent: 'id' }],
    });
    assert.deepEqual(byTable.get('child')?.columns, [{ child: 'up', parent: 'id' }]);
    assert.deepEqual(child?.columns.at(-1), { name: 'id', type: 'INTEGER', notNull: false, primary: true });
  });

  it('S3: shows a virtual table of an unknown module without columns, and the others with theirs', async () => {
    const { tables } = await diagramOf(
      `CREATE TABLE t (id INTEGER PRIMARY KEY); PRAGMA writable_schema = ON;
       INSERT INTO sqlite_schema VALUES ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING nowhere (x)')`,
    );
    assert.deepEqual(
      tables.map(({ name, virtual, columns }) => [name, virtual, columns.length]),
      [
        ['odd', true, 0],
        ['t', false, 1],
      ],
    );
  });

  it('S8: reads 10,000 tables', () =>
    withFolder(async (folder) => {
      await createManyTables(join(folder, 'x.db'), 10_000);
      const start = performance.now();
      assert.equal((await read(folder)).tables.length, 10_000);
      assert.ok(performance.now() - start < 20_000);
    })).timeout(40_000);
});
