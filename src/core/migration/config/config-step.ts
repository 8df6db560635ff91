/**
 * Strategy `config`: the rows of a legacy table become entries of a configuration file that people edit.
 *
 * There is no ledger in such a file, so it is compared with the legacy table each time: a row whose key is there and
 * equal is present, one whose key is there with other values is a conflict and left alone, one that is missing is added.
 * A table without a primary key is known by all its columns: a row that was edited counts as missing then.
 */
import { decodeConfig, type ConfigDocument } from '../../config/decode';
import { formatOf, type NamedRow } from '../../config/encode';
import { appendRows } from '../../config/merge';
import { parseCell, type ConfigValue } from '../../config/value';
import type { ConfigStep } from '../../plan/schema';
import { listedRows, type MismatchReport, type StepReport, type WarningReport } from '../../report/model';
import type { SqliteEngine } from '../../sqlite/engine';
import { quoteText } from '../../sqlite/identifiers';
import { prove, sampleLength } from './config-proof';
import type { ConfigRequest } from './config-request';
import { readFile, readLegacy, sortRows, type Conflict } from './config-rows';
import { describeSource, type Source } from './config-source';

export interface ConfigResult {
  readonly report: StepReport;
  /** The file with the rows added, as it was proved; null where nothing changes. */
  readonly bytes: Uint8Array | null;
  readonly warnings: readonly WarningReport[];
  /** Empty where every tier passed. */
  readonly findings: readonly string[];
  readonly mismatches: readonly MismatchReport[];
}

/** @throws CoreError `unreadable`, `too-large` or `target-conflict` for a file or table that the step cannot use */
export function rehearseConfig(engine: SqliteEngine, request: ConfigRequest): ConfigResult {
  const { step, legacy, existing, write } = request;
  const source = describeSource(legacy, step);
  const { file } = step.target;
  const decode = (bytes: Uint8Array): ConfigDocument => decodeConfig(bytes, formatOf(file), source.table.name, file);
  const before = existing === null ? null : decode(existing);
  const sorted = sortRows(source, readLegacy(legacy, source), readFile(engine, source, before?.rows ?? []));

  const isWritten = write && sorted.missing.length > 0;
  const bytes = isWritten
    ? appendRows(
        before,
        { format: formatOf(file), database: step.legacy.database, table: source.table.name },
        sorted.missing.map((cells) => nameRow(source, cells)),
      )
    : null;
  // Parsed again from the very bytes: nothing that the writing knows is taken over.
  const published = bytes ?? existing;
  const after = published === null ? null : decode(published);
  const inserted = isWritten ? sorted.missing.length : 0;
  const proof = prove(engine, request, source, { before: before?.rows ?? [], after, sorted, inserted });
  const { table } = source;
  const report: StepReport = {
    domain: step.domain,
    strategy: 'config',
    legacy: { database: step.legacy.database, table: table.name, rows: source.rows },
    target: { file },
    inserted,
    alreadyPresent: sorted.present,
    conflicts: sorted.conflicts.length,
    rejected: 0,
    leftBehind: isWritten ? 0 : sorted.missing.length,
    residual: { columns: [], kept: null, lostValues: 0, lost: [] },
    keyOffset: '0',
    parents: [],
    reason: null,
    validation: proof.validation,
    mapping: source.columns.map((column) => ({ legacy: column, target: column, transformation: 'unchanged' })),
    sample: proof.sample,
  };
  return {
    report,
    bytes,
    warnings: warnOf(step, sorted.conflicts.length),
    findings: proof.findings,
    mismatches: listMismatches(step, source, sorted.conflicts),
  };
}

function nameRow({ columns, encoding }: Source, cells: readonly string[]): NamedRow {
  return { columns, values: cells.map((cell) => parseCell(cell, encoding)) };
}

function warnOf(step: ConfigStep, conflicts: number): readonly WarningReport[] {
  if (conflicts === 0) return [];
  const { database, table } = step.legacy;
  const rows = conflicts === 1 ? 'row differs' : 'rows differ';
  const message = `${database} ${table}: ${conflicts} ${rows} from ${step.target.file} now; changed on one side since, left alone.`;
  return [{ code: 'conflict', message }];
}

function listMismatches(
  step: ConfigStep,
  { columns, key, encoding }: Source,
  conflicts: readonly Conflict[],
): readonly MismatchReport[] {
  return conflicts.slice(0, listedRows).flatMap(({ legacy, file }) => {
    const show = (cell: string): string => display(parseCell(cell, encoding));
    const shownKey = key.map((index) => show(legacy[index] ?? 'n')).join(', ');
    return columns.flatMap((column, index): readonly MismatchReport[] => {
      const [was, is] = [legacy[index] ?? 'n', file.cells[index] ?? null];
      if (was === is) return [];
      const value = file.row?.get(column);
      return [
        {
          database: step.legacy.database,
          table: step.legacy.table,
          tier: 'conflict',
          key: shownKey,
          column,
          legacy: show(was),
          consolidated: value === undefined ? 'not there' : display(value),
        },
      ];
    });
  });
}

/** As a SQL literal, shortened. */
function display(value: ConfigValue): string {
  switch (value.type) {
    case 'null':
      return 'NULL';
    case 'integer':
    case 'real':
      return value.digits;
    case 'text':
      return quoteText(value.text).slice(0, sampleLength);
    case 'bytes':
    case 'blob':
      return `X'${value.hex.toUpperCase()}'`.slice(0, sampleLength);
    case 'foreign':
      return value.source.slice(0, sampleLength);
  }
}
