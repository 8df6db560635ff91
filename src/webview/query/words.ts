/** The texts of a result beyond those of a table, in the user's language; `{0}` stands for a value. */
export interface QueryWords {
  readonly running: string;
  readonly cancel: string;
  readonly cancelled: string;
  readonly runAgain: string;
  readonly failed: string;
  /** Rows are not kept over a reload of the window. */
  readonly restored: string;
  /** `The last time: 1,234 rows in 45 ms, 23/11/2026, 13:22` */
  readonly lastTime: string;
  /** The database is no longer what the statement was run on. */
  readonly changed: string;
  readonly plan: string;
  /** `1,234 rows in 45 ms` */
  readonly counted: string;
  /** The first so many rows, in so much time. */
  readonly firstOf: string;
  readonly planIn: string;
  readonly milliseconds: string;
  readonly seconds: string;
  readonly readsAll: string;
  readonly readsIndex: string;
  readonly searchesKey: string;
  readonly searchesIndex: string;
  readonly buildsIndex: string;
  readonly sorts: string;
}
