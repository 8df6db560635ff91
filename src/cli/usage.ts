/** What `--help` prints, and what follows the words about a wrong argument. */
export const usage = `usage:
  jarvis-db inventory [--json]
  jarvis-db migrate [--analytics] [--cache] [--core] [--dry-run | --backup-only] [--plan FILE]
                    [--rejects fail|collect] [--application-stopped] [--open-anyway] [--json]
  jarvis-db validate [--analytics] [--cache] [--core] [--plan FILE] [--open-anyway] [--json]
  jarvis-db archive [--dry-run] [--plan FILE] [--application-stopped] [--open-anyway] [--json]
  jarvis-db restore [DATE] [--json]
  jarvis-db rollback [RUN] [--dry-run] [--application-stopped] [--open-anyway] [--json]
  jarvis-db backups [--verify] [--json]
  jarvis-db restore-backup RUN [--file DB] [--dry-run] [--application-stopped] [--open-anyway] [--json]
  jarvis-db plan [--print | --check FILE | --schema] [--json]
  jarvis-db diff A.db B.db [--open-anyway] [--json]

  --workspace DIR         the folder that holds the data folder (default: the current folder)
  --data DIR              the data folder (default: the setting's search)
  --analytics --cache --core
                          the domains (default: all three)
  --dry-run               do it in memory, or list what would be done: write nothing at all
  --backup-only           copy the databases involved to data/backups/<run>/, verify the copies, change nothing
  --plan FILE             a plan file, looked for in the current folder, then in the workspace folder
                          (default: jarvis.plan.json in the workspace folder, else the built-in plan)
  --rejects fail|collect  rows that a target refuses: fail the run (default), or collect them in rejects.db
  --application-stopped   you made sure that Jarvis is stopped (for systems that do not show open files)
  DATE                    the archive, as its folder below data/archive is named (default: the newest that is complete)
  --open-anyway           load databases of up to 2 GiB, where 1 GiB is the most, and more than fits the free memory;
                          about 3.1 times as much memory is needed
  --verify                read every copy of every backup and compare its hash
  --file DB               one file of the backup, as jarvis-db backups names it (default: all of them)
  --print                 write the plan in force as a plan file (what plan alone does)
  --check FILE            list what is wrong with a plan file, by line and column
  --schema                write the JSON Schema of plan files
  A.db B.db               two databases, whose schemas and rows are compared; equal or not is the exit code, 0 or 1
  --json                  one JSON document on standard output and nothing else
  --help, --version

Where no flag says otherwise, .vscode/settings.json of the workspace folder counts: jarvis.dataFolder, jarvis.planFile,
jarvis.rejects, jarvis.rateLimits.strategy.

exit codes: 0 done, every check passed; 1 a check failed, nothing was published; 2 bad usage; 3 refused, nothing was touched
`;
