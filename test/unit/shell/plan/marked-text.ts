/** Texts with a place in them: `|` is where the cursor stands. */
export function atCursor(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf('|');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

/** A plan of one step, `map` unless told otherwise, with the cursor where `marked` has it. */
export function stepWith(marked: string, head = mapHead): { readonly text: string; readonly offset: number } {
  return atCursor(`// a comment\n{ "version": 1, "steps": [ { ${head}, ${marked} } ] }`);
}

export const mapHead =
  '"domain": "analytics", "strategy": "map", ' +
  '"legacy": { "database": "data/llm_costs.db", "table": "llm_usage" }, ' +
  '"target": { "database": "data/jarvis_analytics.db", "table": "llm_costs" }';

export const legacy = { database: 'data/llm_costs.db', table: 'llm_usage' } as const;
export const target = { database: 'data/jarvis_analytics.db', table: 'llm_costs' } as const;
