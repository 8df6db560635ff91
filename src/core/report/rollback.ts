/**
 * Rollback Plan: the exact commands that put databases and configuration files back as they were before the run.
 *
 * This version has no command for it, so the plan is a copy-back by hand, with every hash checked before the first file
 * is changed. {@link rollbackPlan} is the one place to change when the command exists.
 */
import type { RootContent } from 'mdast';
import { isInterrupted, writtenConfigFiles } from './facts';
import { formatCount } from './format';
import { reportFiles, type RunReport } from './model';
import { fence, heading, list, paragraph, say, words, type Inline } from './nodes';
import { quotePosix, quotePowerShell } from './shell-quote';

/** One file that goes back. */
interface Restore {
  readonly path: string;
  readonly kind: 'database' | 'sidecar' | 'config';
  /** A database as the run left it. A sidecar has no such state, and that of a configuration file is in the manifest. */
  readonly after: string | null;
  readonly copy: string;
  readonly sha256: string;
}

interface Changes {
  readonly restores: readonly Restore[];
  /** Configuration files that the run made: they go. */
  readonly removals: readonly string[];
  readonly manifest: string;
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
  const { without, ...changes } = collect(report, report.backup);
  const { restores, removals } = changes;
  const nodes: RootContent[] = [];
  if (restores.length + removals.length > 0) {
    nodes.push(
      paragraph(
        say`Stop every program that uses these files, open a terminal in the workspace folder ${report.workspace}, and run one of the two blocks. Before the first file is changed, a block checks by SHA-256 that each file is as this run left it and that each copy is intact; if not, it stops and says which file differs. What was written since the run is in the files, not in the copies: a file that changed since is not put back.`,
      ),
      paragraph(words('macOS and Linux:')),
      fence('sh', posixScript(changes)),
      paragraph(words('Windows (PowerShell):')),
      fence('powershell', powerShellScript(changes)),
    );
  }
  if (restores.length > 0) {
    nodes.push(
      paragraph(words(`${formatCount(restores.length, 'file')} to be restored:`)),
      list(restores.map((r) => say`${r.path} from ${r.copy}, SHA-256 ${r.sha256}`)),
    );
  }
  if (removals.length > 0) {
    nodes.push(
      paragraph(words(`${formatCount(removals.length, 'file')} to be removed, not there before the run:`)),
      list(removals.map((path) => say`${path}`)),
    );
  }
  if (without.length > 0) {
    nodes.push(
      paragraph(words('The backup holds no copy of these files, so the commands above do not cover them:')),
      list(without.map((path): Inline => say`${path}`)),
    );
  }
  return nodes;
}

function collect(report: RunReport, backup: string): Changes & { readonly without: readonly string[] } {
  const copies = new Map(report.backedUp.map((file) => [file.path, file.sha256]));
  const restores: Restore[] = [];
  const without: string[] = [];
  const restore = (path: string, after: string | null, kind: Restore['kind']): boolean => {
    const sha256 = copies.get(path);
    if (sha256 === undefined) return false;
    restores.push({ path, kind, after, copy: `${backup}/${copyOf(path)}`, sha256 });
    return true;
  };
  for (const { database, sha256Before, sha256After } of report.targets) {
    if (sha256Before === sha256After) continue;
    if (!restore(database, sha256After, 'database')) without.push(database);
    // The state before the run may have been spread over a sidecar; `-shm` holds nothing and is never kept.
    for (const suffix of ['-wal', '-journal']) restore(database + suffix, null, 'sidecar');
  }
  const written = writtenConfigFiles(report);
  for (const { file } of written.filter(({ isNew }) => !isNew)) restore(file, null, 'config');
  const removals = written.filter(({ isNew }) => isNew).map(({ file }) => file);
  return { restores, removals, without, manifest: `${backup}/${reportFiles.manifest}` };
}

/** Where `storage/backup.ts` puts the copy of a file, below the run's folder. */
function copyOf(path: string): string {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return `outside/${path.replace(/^\/+/, '').replaceAll(':', '')}`;
  }
  const own: readonly string[] = Object.values(reportFiles).map((name) => name.toLowerCase());
  return own.includes(path.toLowerCase()) ? `workspace/${path}` : path;
}

/** Configuration files, restored or removed: their state after the run is in the manifest. */
function configPaths({ restores, removals }: Changes): readonly string[] {
  return [...restores.filter(({ kind }) => kind === 'config').map(({ path }) => path), ...removals];
}

function posixScript(changes: Changes): string[] {
  const { restores, removals, manifest } = changes;
  const databases = restores.filter(({ kind }) => kind === 'database');
  const configs = configPaths(changes);
  return [
    '(',
    '  set -eu',
    '  sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-64; }',
    '  expect() {',
    '    [ -f "$1" ] && [ -n "$2" ] && [ "$(sha256 <"$1")" = "$2" ] && return',
    '    printf "Stopped, not as expected: %s\\n" "$1" >&2; exit 1',
    '  }',
    '  unused() { [ ! -s "$1" ] || { printf "Stopped, in use or changed since: %s\\n" "$1" >&2; exit 1; }; }',
    ...(configs.length === 0
      ? []
      : [
          '  # What the run wrote, by its manifest: the hash that follows the path.',
          `  written() { LINE=$1 awk 'index($0, ENVIRON["LINE"]) { found = 1 } found && /"sha256After"/ { split($0, part, "\\""); print part[4]; exit }' <${quotePosix(manifest)}; }`,
        ]),
    '',
    '  # Every file is as the run left it, and nothing is waiting to be written into a database.',
    ...databases.map((r) => `  expect ${quotePosix(r.path)} ${r.after ?? "''"}`),
    ...configs.map(
      (path) => `  expect ${quotePosix(path)} "$(written ${quotePosix(`"path": ${JSON.stringify(path)},`)})"`,
    ),
    ...databases.flatMap((r) => sidecars.map((s) => `  unused ${quotePosix(r.path + s)}`)),
    ...(restores.length === 0 ? [] : ['  # The copies are intact.']),
    ...restores.map((r) => `  expect ${quotePosix(r.copy)} ${r.sha256}`),
    '  # Back they go.',
    ...databases.map((r) => `  rm -f ${[...sidecars, '-shm'].map((s) => quotePosix(r.path + s)).join(' ')}`),
    ...restores.map((r) => `  cp -p ${quotePosix(r.copy)} ${quotePosix(r.path)}`),
    ...removals.map((path) => `  rm ${quotePosix(path)}`),
    ...restores.map((r) => `  expect ${quotePosix(r.path)} ${r.sha256}`),
    '  echo "Restored."',
    ')',
  ];
}

const sidecars = ['-wal', '-journal'] as const;

function powerShellScript(changes: Changes): string[] {
  const { restores, removals, manifest } = changes;
  const q = quotePowerShell;
  const databases = restores.filter(({ kind }) => kind === 'database');
  const configs = configPaths(changes);
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
    ...(configs.length === 0
      ? []
      : [
          '  # What the run wrote, by its manifest.',
          '  function Written($path) {',
          `    $manifest = Get-Content -Raw -Encoding UTF8 -LiteralPath ${q(manifest)} | ConvertFrom-Json`,
          '    ($manifest.files | Where-Object { $_.path -ceq $path }).sha256After',
          '  }',
        ]),
    '',
    '  # Every file is as the run left it, and nothing is waiting to be written into a database.',
    ...databases.map((r) => `  Expect ${q(r.path)} ${r.after ?? '$null'}`),
    ...configs.map((path) => `  Expect ${q(path)} (Written ${q(path)})`),
    ...databases.flatMap((r) => sidecars.map((s) => `  Unused ${q(r.path + s)}`)),
    ...(restores.length === 0 ? [] : ['  # The copies are intact.']),
    ...restores.map((r) => `  Expect ${q(r.copy)} ${r.sha256}`),
    '  # Back they go.',
    ...databases.flatMap((r) => [...sidecars, '-shm'].map((s) => `  Remove ${q(r.path + s)}`)),
    ...restores.map((r) => `  Copy-Item -Force -LiteralPath ${q(r.copy)} -Destination ${q(r.path)}`),
    ...removals.map((path) => `  Remove ${q(path)}`),
    ...restores.map((r) => `  Expect ${q(r.path)} ${r.sha256}`),
    "  'Restored.'",
    '}',
  ];
}
