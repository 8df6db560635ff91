/** An engine whose statements can be watched. */
import type { SqliteConnection, SqliteEngine } from '../../src/core/sqlite/engine';

/** The engine, with a look at each statement before it runs. */
export function inspecting(
  engine: SqliteEngine,
  look: (all: SqliteConnection['all'], sql: string) => void,
): SqliteEngine {
  return {
    version: engine.version,
    warmUp: () => engine.warmUp(),
    open: (image, label, options) => {
      const connection = engine.open(image, label, options);
      const all = connection.all.bind(connection);
      const execute = connection.execute.bind(connection);
      // Its own methods are replaced: a connection attaches no other object than another one.
      connection.all = (sql, parameters) => {
        look(all, sql);
        return all(sql, parameters);
      };
      connection.execute = (sql, parameters) => {
        look(all, sql);
        execute(sql, parameters);
      };
      return connection;
    },
  };
}
