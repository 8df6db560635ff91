/** `docs/safety.md`: every case, what is expected, and the tests that hold it; made from the tests themselves. */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as z from 'zod';
import { findCaseTitles } from './case-titles';

const casesSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[A-Z]\d{1,2}$/),
    fault: z.string().min(1),
    expected: z.string().min(1),
    /** Why no test holds it. Counts only while none does. */
    notCovered: z.string().min(1).optional(),
  }),
);

export type SafetyCase = z.infer<typeof casesSchema>[number];

export interface CaseTest {
  /** Relative to the repository, forward slashes. */
  readonly file: string;
  readonly ids: readonly string[];
  readonly title: string;
}

export interface SafetyPage {
  readonly text: string;
  /** What is wrong with it: a case without a test or a reason, a test of a case that is not there. */
  readonly faults: readonly string[];
}

const groups: Readonly<Record<string, string>> = {
  R: 'Reading',
  P: 'Publishing',
  L: 'Who has it open',
  E: 'Where it lies',
  B: 'Broken files',
  V: 'Values',
  S: 'Schemas',
  X: 'Untrusted input',
};

export async function makeSafetyPage(repository: string): Promise<SafetyPage> {
  const cases = casesSchema.parse(JSON.parse(await readFile(join(repository, 'docs', 'safety-cases.json'), 'utf8')));
  return renderSafetyPage(cases, await findTests(repository));
}

export function renderSafetyPage(cases: readonly SafetyCase[], tests: readonly CaseTest[]): SafetyPage {
  const testsOf = (id: string): readonly CaseTest[] => tests.filter(({ ids }) => ids.includes(id));
  const known = new Set(cases.map(({ id }) => id));
  const faults = [
    ...cases
      .filter(({ id, notCovered }) => notCovered === undefined && testsOf(id).length === 0)
      .map(({ id, fault }) => `${id} (${fault}) has no test, and docs/safety-cases.json gives no reason.`),
    ...tests.flatMap(({ file, ids, title }) =>
      ids.filter((id) => !known.has(id)).map((id) => `${file}: "${title}" names the case ${id}, which there is not.`),
    ),
  ];
  const covered = cases.filter(({ id }) => testsOf(id).length > 0).length;
  const lines = [
    '# Safety cases',
    '',
    'What can go wrong with files of SQLite, what is expected then, and the tests that hold it. Made from the titles of the tests by `npm run docs:safety`; the cases stand in [safety-cases.json](safety-cases.json).',
    '',
    `${covered} of ${cases.length} cases are covered.`,
  ];
  for (const [letter, title] of Object.entries(groups)) {
    const own = cases.filter(({ id }) => id.startsWith(letter));
    if (own.length === 0) continue;
    lines.push('', `## ${title}`);
    for (const { id, fault, expected, notCovered } of own) {
      lines.push('', `**${id}** ${escape(fault)} → ${escape(expected)}`, '');
      const held = testsOf(id);
      if (held.length === 0) lines.push(`- not covered: ${escape(notCovered ?? 'no reason is given')}`);
      lines.push(...listByFile(held));
    }
  }
  return { text: `${lines.join('\n')}\n`, faults };
}

function listByFile(tests: readonly CaseTest[]): readonly string[] {
  const byFile = new Map<string, string[]>();
  for (const { file, title } of tests) {
    const titles = byFile.get(file) ?? [];
    if (!titles.includes(title)) byFile.set(file, [...titles, title]);
  }
  return [...byFile].map(
    ([file, titles]) => `- [${file.replace(/^test\//, '')}](../${file}): ${titles.map(escape).join('; ')}`,
  );
}

/** Titles are text: nothing in them is markup. */
function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&');
}

/** Every test file below `test`, in the order of its name. */
async function findTests(repository: string): Promise<readonly CaseTest[]> {
  const files: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') await visit(path);
      else if (entry.isFile() && entry.name.endsWith('.test.ts')) files.push(path);
    }
  };
  await visit(join(repository, 'test'));
  const found: CaseTest[] = [];
  for (const path of files.sort()) {
    const file = relative(repository, path).split(sep).join('/');
    for (const test of findCaseTitles(file, await readFile(path, 'utf8'))) found.push({ file, ...test });
  }
  return found;
}
