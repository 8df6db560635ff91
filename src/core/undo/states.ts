/** The schemas under which the states of a database are attached: as it was before the run, and as the run left it. */
export const states = { before: 'before', after: 'after' } as const;
