import { parseArgs } from 'node:util';
import { makeSample } from './make-sample.js';

const USAGE = `Usage: npx tsx scripts/sample/main.ts [DIR] [--no-all] [--variant N] [--rows N] [--fill]

Writes a sample Jarvis workspace to DIR (default: sample).
  --all        all 29 legacy databases; the default
  --no-all     only the five of the first migration
  --variant N  another installation: other counts, ids and values
  --rows N     N times as many rows
  --fill       rows also in the tables that are empty in a real installation
  --help       this text
`;

/** @returns the exit code: 0 written, 1 not written, 2 bad usage. */
async function main(args: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        all: { type: 'boolean' },
        variant: { type: 'string' },
        rows: { type: 'string' },
        fill: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (parsed.positionals.length > 1) throw new Error('one folder at a time');
    if (!/^\d{1,4}$/.test(parsed.values.variant ?? '0'))
      throw new Error('--variant takes a whole number from 0 to 9999');
    if (!/^[1-9]\d{0,2}$/.test(parsed.values.rows ?? '1')) throw new Error('--rows takes a whole number from 1 to 999');
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (parsed.values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }

  const workspace = parsed.positionals[0] ?? 'sample';
  try {
    const { all = true, variant = '0', rows = '1', fill = false } = parsed.values;
    await makeSample(workspace, { all, variant: Number(variant), rows: Number(rows), fill });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
  process.stdout.write(`Sample workspace written to ${workspace}\n`);
  return 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
