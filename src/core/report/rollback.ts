/**
 * Rollback Plan: the exact commands that put the targets back as they were before the run.
 *
 * This version has no `jarvis-db rollback`, so the plan is a copy-back by hand, with every hash checked before the first
 * file is changed. {@link rollbackPlan} is the one place to change when the command exists.
 */
import type { RootContent } from 'mdast';
import { isInterrupted, targetFile } from './facts';
import { formatCount } from './format';
import { reportFiles, type RunReport } from './model';
import { code, fence, heading, join, list, paragraph, say, words, type Inline } from './nodes';
import { quotePosix, quotePowerShell } from './shell-quote';

/** One file that goes back. */
interface Restore {
  readonly path: string;
  /** The target as the run left it; null for a sidecar (there is none) and a configuration file (not in the report). */
  readonly after: string | null;
  readonly copy: string;
  readonly sha256: string;
  readonly isDatabase: boolean;
  readonly isSidecar: boolean;
}

export function rollbackPlan(report: RunReport): RootContent[] {
  return [heading(2, words('Rollback Plan')), ...plan(report)];
}

function plan(report: RunReport): RootContent[] {
  if (isInterrupted(report)) {
    return [
      paragraph(
        say`The publication was interrupted: do not copy files by hand. ${report.backup === null ? reportFiles.manifest : `${report.backup}/${reportFiles.manifest}`} holds the state of every file, and the next run completes or explains it.`,
      ),
    ];
  }
  if (report.mode !== 'migrate' || report.outcome !== 'committed' || report.backup === null) {
    return [paragraph(words('Nothing to roll back: the run changed no database and no configuration file.'))];
  }
  const { restores, without } = collect(report, report.backup);
  const nodes: RootContent[] = [];
  if (restores.length > 0) {
    nodes.push(
      paragraph(
        say`Stop every program that uses these files, open a terminal in the workspace folder ${report.workspace}, and run one of the two blocks. Before the first file is changed, a block checks by SHA-256 that each target database is as this run left it and that each copy is intact; if not, it stops and says which file differs. Rows written since the run are in the target, not in the copy: a target with such rows is not restored.`,
      ),
      paragraph(words('macOS and Linux:')),
      fence('sh', posixScript(restores)),
      paragraph(words('Windows (PowerShell):')),
      fence('powershell', powerShellScript(restores)),
      paragraph(words(`${formatCount(restores.length, 'file')} to be restored:`)),
      list(restores.map((r) => say`${r.path} from ${r.copy}, SHA-256 ${r.sha256}`)),
    );
  }
  const unchecked = restores.filter((r) => r.after === null && !r.isSidecar);
  if (unchecked.length > 0) {
    const named = join(unchecked.map((r) => code(r.path)));
    nodes.push(paragraph(say`Not checked before it is overwritten: ${named}. Save changes made there since the run.`));
  }
  if (without.length > 0) {
    nodes.push(
      paragraph(words('The backup holds no copy of these files, so the commands above do not cover them:')),
      list(without.map((path): Inline => say`${path}`)),
    );
  }
  return nodes;
}

function collect(report: RunReport, backup: string): { restores: readonly Restore[]; without: readonly string[] } {
  const copies = new Map(report.backedUp.map((file) => [file.path, file.sha256]));
  const restores: Restore[] = [];
  const without: string[] = [];
  const restore = (path: string, after: string | null, kind: 'database' | 'sidecar' | 'config'): boolean => {
    const sha256 = copies.get(path);
    if (sha256 === undefined) return false;
    restores.push({
      path,
      after,
      copy: `${backup}/${path}`,
      sha256,
      isDatabase: kind === 'database',
      isSidecar: kind === 'sidecar',
    });
    return true;
  };
  for (const { database, sha256Before, sha256After } of report.targets) {
    if (sha256Before === sha256After) continue;
    if (!restore(database, sha256After, 'database')) without.push(database);
    // The state before the run may have been spread over a sidecar; `-shm` holds nothing and is never kept.
    for (const suffix of ['-wal', '-journal']) restore(database + suffix, null, 'sidecar');
  }
  const files = report.steps.filter((step) => step.strategy === 'config' && step.inserted > 0).map(targetFile);
  for (const file of new Set(files.filter((f) => f !== null))) {
    if (!restore(file, null, 'config')) without.push(file);
  }
  return { restores, without };
}

function posixScript(restores: readonly Restore[]): string[] {
  const databases = restores.filter((r) => r.isDatabase);
  return [
    '(',
    '  set -eu',
    '  sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-64; }',
    '  expect() { [ "$(sha256 <"$1")" = "$2" ] || { printf "Stopped, not as expected: %s\\n" "$1" >&2; exit 1; }; }',
    '  unused() { [ ! -s "$1" ] || { printf "Stopped, in use or changed since: %s\\n" "$1" >&2; exit 1; }; }',
    '',
    '  # The targets are as the run left them, and nothing is waiting to be written into them.',
    ...restores.flatMap((r) => (r.after === null ? [] : [`  expect ${quotePosix(r.path)} ${r.after}`])),
    ...databases.flatMap((r) => sidecars.map((s) => `  unused ${quotePosix(r.path + s)}`)),
    '  # The copies are intact.',
    ...restores.map((r) => `  expect ${quotePosix(r.copy)} ${r.sha256}`),
    '  # Back they go.',
    ...databases.map((r) => `  rm -f ${[...sidecars, '-shm'].map((s) => quotePosix(r.path + s)).join(' ')}`),
    ...restores.map((r) => `  cp -p ${quotePosix(r.copy)} ${quotePosix(r.path)}`),
    ...restores.map((r) => `  expect ${quotePosix(r.path)} ${r.sha256}`),
    '  echo "Restored."',
    ')',
  ];
}

const sidecars = ['-wal', '-journal'] as const;

function powerShellScript(restores: readonly Restore[]): string[] {
  const q = quotePowerShell;
  const databases = restores.filter((r) => r.isDatabase);
  return [
    '& {',
    "  $ErrorActionPreference = 'Stop'",
    '  function Expect($path, $hash) {',
    '    if ((Get-FileHash -Algorithm SHA256 -LiteralPath $path).Hash -ne $hash) { throw "Stopped, not as expected: $path" }',
    '  }',
    '  function Unused($path) {',
    '    if ((Test-Path -LiteralPath $path) -and (Get-Item -Force -LiteralPath $path).Length -gt 0) {',
    '      throw "Stopped, in use or changed since: $path"',
    '    }',
    '  }',
    '  function Remove($path) { if (Test-Path -LiteralPath $path) { Remove-Item -Force -LiteralPath $path } }',
    '',
    '  # The targets are as the run left them, and nothing is waiting to be written into them.',
    ...restores.flatMap((r) => (r.after === null ? [] : [`  Expect ${q(r.path)} ${r.after}`])),
    ...databases.flatMap((r) => sidecars.map((s) => `  Unused ${q(r.path + s)}`)),
    '  # The copies are intact.',
    ...restores.map((r) => `  Expect ${q(r.copy)} ${r.sha256}`),
    '  # Back they go.',
    ...databases.flatMap((r) => [...sidecars, '-shm'].map((s) => `  Remove ${q(r.path + s)}`)),
    ...restores.map((r) => `  Copy-Item -Force -LiteralPath ${q(r.copy)} -Destination ${q(r.path)}`),
    ...restores.map((r) => `  Expect ${q(r.path)} ${r.sha256}`),
    "  'Restored.'",
    '}',
  ];
}
