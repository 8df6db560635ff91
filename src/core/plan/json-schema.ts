/** The JSON Schema of a plan file, for editors: made from the very schema that the run checks with. */
import * as z from 'zod';
import { planSchema } from './schema';

/** A name, not an address: nothing is fetched. */
export const planSchemaId = 'urn:jarvis-databases:plan:1';

/** Draft 7, the newest that VS Code knows whole. */
export function planJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(planSchema, { io: 'input', target: 'draft-7' });
  const { $schema, ...rest } = schema;
  return {
    $schema,
    $id: planSchemaId,
    title: 'Plan of Jarvis Databases',
    description:
      'What becomes of each legacy table. It replaces the built-in plan, which jarvis-db plan --print shows.',
    // VS Code's own keywords: the file is JSON with comments.
    allowComments: true,
    allowTrailingCommas: true,
    ...rest,
  };
}

export function renderPlanJsonSchema(): string {
  return `${JSON.stringify(planJsonSchema(), null, 2)}\n`;
}
