/** Tools that only look: they are there without a disk too. */
import type { ToolId } from '../contributions';
import { inspectDatabase } from './inspect-database';
import { queryDatabase } from './query-database';
import type { Tool } from './tool';

export const viewTools = {
  jarvis_inspect_database: inspectDatabase,
  jarvis_query: queryDatabase,
} satisfies Partial<Record<ToolId, Tool>>;
