/** What a model passes to a tool. VS Code checks it against the schema of the manifest, but any extension may call a tool. */
import { CoreError } from '../../core/errors';
import type { Domain } from '../../core/report/model';

/** Null where the property is left out. */
export function readText(input: unknown, name: string): string | null {
  const value = readProperty(input, name);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  throw new CoreError('query-invalid', `The property "${name}" of the input is no text.`);
}

export function requireText(input: unknown, name: string): string {
  const text = readText(input, name);
  if (text === null) throw new CoreError('query-invalid', `The input lacks the property "${name}".`);
  return text;
}

/** @param all every domain there is, which is also what leaving them out means */
export function readDomains(input: unknown, all: readonly Domain[]): readonly Domain[] {
  const value = readProperty(input, 'domains');
  if (value === undefined || value === null) return all;
  const domains = all.filter((domain) => Array.isArray(value) && value.includes(domain));
  if (Array.isArray(value) && value.length > 0 && value.every((one) => all.some((domain) => domain === one)))
    return domains;
  throw new CoreError('query-invalid', `The property "domains" of the input must list some of: ${all.join(', ')}.`);
}

function readProperty(input: unknown, name: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[name] : undefined;
}
