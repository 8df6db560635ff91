/** The texts of the diagram, in the user's language: given by the host, which knows it. `{0}` stands for a value. */
export const diagramWordKeys = [
  'diagram',
  'loading',
  'cannotShow',
  'noTables',
  'facts',
  'find',
  'noMatch',
  'matches',
  'zoomIn',
  'zoomOut',
  'fit',
  'allColumns',
  'keysOnly',
  'more',
  'noReferences',
  'missing',
  'virtual',
  'copyMermaid',
  'copied',
  'exportSvg',
  'describeTable',
  'refersTo',
  'referredBy',
  'help',
] as const;

export type DiagramWords = Readonly<Record<(typeof diagramWordKeys)[number], string>>;
