/**
 * A plan as a person would write it: the keys in the order of the schema, defaults left out.
 *
 * Both come from the schema itself, so that a key that is added there is printed without a word here.
 */
import { isDeepStrictEqual } from 'node:util';
import { planJsonSchema } from './json-schema';
import type { Plan } from './schema';

/** JSON that `parsePlan` reads back as the same plan. */
export function printPlan(plan: Plan): string {
  return `${JSON.stringify(arrange(plan, planJsonSchema()), null, 2)}\n`;
}

/** What becomes of columns without a home is what a reader asks first: it is said, default or not. */
const alwaysSaid: ReadonlySet<string> = new Set(['residual']);

/** As much of JSON Schema as {@link planJsonSchema} uses to say what a plan holds. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly default?: unknown;
  readonly const?: unknown;
}

function arrange(value: unknown, schema: SchemaNode): unknown {
  if (Array.isArray(value)) return value.map((item) => arrange(item, schema.items ?? {}));
  if (typeof value !== 'object' || value === null) return value;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const { properties } = schema.oneOf?.find((choice) => fits(entries, choice)) ?? schema;
  // Object.fromEntries, since a column may be called `__proto__` and stays one.
  if (properties === undefined) {
    const inner = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    return Object.fromEntries(entries.map(([key, item]) => [key, arrange(item, inner)]));
  }
  const given = new Map(entries);
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, inner]) => {
      const item = given.get(key);
      if (item === undefined) return [];
      if (inner.default !== undefined && isDeepStrictEqual(item, inner.default) && !alwaysSaid.has(key)) return [];
      return [[key, arrange(item, inner)]];
    }),
  );
}

/** Whether every constant of a choice, such as a step's strategy, is what the value has. */
function fits(entries: readonly (readonly [string, unknown])[], { properties = {} }: SchemaNode): boolean {
  const given = new Map(entries);
  return Object.entries(properties).every(
    ([key, inner]) => inner.const === undefined || inner.const === given.get(key),
  );
}
