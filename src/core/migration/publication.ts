/**
 * What a run writes: copies of everything that it read, the successors beside their databases, the manifest, and at last
 * the publication itself. Copies and successors are begun while the proof is still under way; until the publication
 * takes the successors over, they are discarded whatever happens.
 */
import { join } from 'node:path';
import { reportFiles } from '../report/model';
import { backUp, type BackedUpFile } from '../storage/backup';
import { cannotWrite } from '../storage/cannot-write';
import { writeManifest, type Manifest } from '../storage/manifest';
import { assertSpace, describeFiles, publish } from '../storage/publish';
import { stagedBytes, Staging, type Publishable } from '../storage/staging';
import type { InvolvedDatabases } from './involved';
import type { RunPorts } from './ports';
import type { Preparation } from './rehearsal';
import type { RunClock } from './run-clock';
import { writeRunRequest, type RepeatableRequest } from './run-request';

/** Bytes of a file from which its writing is worth a pause of the thread that hands it over. */
const large = 8 * 1024 ** 2;

/** Milliseconds in which the first calls of a few writes are answered. */
const settlingTime = 15;

type Read = Pick<InvolvedDatabases, 'snapshots' | 'files'>;

interface PublishingRun {
  readonly run: string;
  /** The run's own, below the data folder's backups; absolute, as is the data folder. */
  readonly folder: string;
  readonly dataFolder: string;
  readonly applicationStopped: boolean;
}

export class Publication {
  /** The copies that have been made and verified. */
  backedUp: readonly BackedUpFile[] = [];
  /** Every target is in its place. */
  isPublished = false;
  private copying: Promise<readonly BackedUpFile[]> | null = null;
  private readonly staging: Staging;
  /** From here on, what is staged is the publication's to keep or to remove. */
  private isHandedOver = false;

  constructor(
    private readonly ports: RunPorts,
    private readonly clock: RunClock,
    private readonly run: PublishingRun,
  ) {
    this.staging = new Staging(ports.files, run.run);
  }

  /**
   * Begins to write the copies, and the successors, beside the proofs: neither changes a database. What becomes of it is
   * told when it is needed. Nothing is begun on a full disk; if something is to be published, that is asked again, and
   * refused.
   */
  preparing(read: Read): Preparation {
    let fits = false;
    return {
      begin: async (successor) => {
        const parts = this.copying === null ? originalsOf(read) : [];
        fits = await this.assertSpace([...parts, ...stagedBytes(successor)]).then(
          () => true,
          () => false,
        );
        if (!fits) return;
        void this.copyOnce(read).catch(() => undefined);
        // The next statement may take seconds: what large files wait for is handed to their thread first.
        if (successor.image.length >= large) await this.ports.sleep(settlingTime);
      },
      stage: (successor) => {
        if (fits) this.staging.begin(successor);
      },
    };
  }

  /** Resolves when nothing is being written any more: not behind the back of the report. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.copying]);
  }

  /** A run that only backs up ends with this. */
  async copyOnly(read: Read): Promise<void> {
    const manifest = this.describe(await this.copyNow(read), []);
    try {
      await writeManifest(this.ports.files, this.manifestPath, { ...manifest, publication: 'none' });
    } catch (error) {
      const what = `${reportFiles.manifest} of run ${this.run.run} cannot be written`;
      throw cannotWrite(what, this.manifestPath, error, 'backup-failed');
    }
  }

  /** The rejected rows, beside the copies. @returns where they are, absolute */
  async keepRejects(database: Uint8Array): Promise<string> {
    const { run, folder } = this.run;
    const path = join(folder, reportFiles.rejects);
    try {
      await this.ports.files.writeNew(path, database);
      await this.ports.files.syncFolder(folder);
    } catch (error) {
      throw cannotWrite(`${reportFiles.rejects} of run ${run} cannot be written`, path, error, 'backup-failed');
    }
    return path;
  }

  /** @param asked what the run was asked for, so that it can be taken back */
  async publish(read: Read, successors: readonly Publishable[], asked: RepeatableRequest | null): Promise<void> {
    const { ports, clock, run, staging } = this;
    const manifest = this.describe(await this.copyNow(read), successors);
    await this.assertSpace(successors.filter((successor) => !staging.hasBegun(successor)).flatMap(stagedBytes));
    await clock.enter('backup', 'Staging');
    if (asked !== null) await writeRunRequest(ports.files, run.folder, asked);
    this.isHandedOver = true;
    await publish(ports, {
      staging,
      run: run.run,
      manifestPath: this.manifestPath,
      manifest,
      successors,
      read: [...read.snapshots.values()],
      applicationStopped: run.applicationStopped,
      onCommit: async () => {
        await ports.beginPublishing();
        await clock.enter('publish', 'Publishing');
      },
    });
    this.isPublished = true;
    for (const successor of successors) {
      const name = 'kind' in successor ? successor.name : successor.snapshot.database;
      clock.log('info', `Published ${name}: SHA-256 ${successor.sha256}`);
    }
  }

  /** Removes what was staged, where the publication has not taken it over. */
  async discard(): Promise<void> {
    if (!this.isHandedOver) await this.staging.discard();
  }

  private async copyNow(read: Read): Promise<readonly BackedUpFile[]> {
    await this.clock.enter('backup', `Backing up ${read.snapshots.size} databases`);
    return this.copyOnce(read);
  }

  /** Copies of everything that was read, verified; made once, beside the proofs where there are any. */
  private copyOnce(read: Read): Promise<readonly BackedUpFile[]> {
    return (this.copying ??= this.copy(read));
  }

  private async copy(read: Read): Promise<readonly BackedUpFile[]> {
    await this.assertSpace(originalsOf(read));
    const { snapshots, files } = read;
    this.backedUp = await backUp(this.ports.files, this.run.folder, [...snapshots.values()], [...files.values()]);
    for (const { path, sha256 } of this.backedUp)
      this.clock.log('info', `Backed up ${path}: copy read back, SHA-256 ${sha256}`);
    return this.backedUp;
  }

  private assertSpace(files: readonly (Uint8Array | undefined)[]): Promise<void> {
    const bytes = files.reduce((sum, file) => sum + (file?.length ?? 0), 0);
    return assertSpace(this.ports.files, this.run.dataFolder, bytes);
  }

  private describe(copies: readonly BackedUpFile[], successors: readonly Publishable[]): Omit<Manifest, 'publication'> {
    const { run } = this.run;
    return { format: 1, run, files: describeFiles(run, copies, successors) };
  }

  private get manifestPath(): string {
    return join(this.run.folder, reportFiles.manifest);
  }
}

/** Everything that was read, as it is copied. */
function originalsOf({ snapshots, files }: Read): readonly (Uint8Array | undefined)[] {
  return [
    ...[...snapshots.values()].flatMap(({ main, sidecars }) => [main, ...sidecars.map(({ bytes }) => bytes)]),
    ...[...files.values()].map(({ before }) => before?.bytes),
  ];
}
