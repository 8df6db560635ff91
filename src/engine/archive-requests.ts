/** The requests about archives: the core, with the machine's own ports plugged in. */
import { resolve } from 'node:path';
import { archive, planArchive } from '../core/archive/archive';
import { listArchives } from '../core/archive/archive-manifest';
import type { ArchiveRequest } from '../core/archive/examine';
import { restore } from '../core/archive/restore';
import type { RunPorts } from '../core/migration/ports';
import type { HandlerPorts } from './handler-ports';
import type { ArchiveParams } from './protocol';
import type { EngineHandlers, HandlerEvents } from './server';
import { tellProgress } from './tell-progress';

type ArchiveHandlers = Pick<EngineHandlers, 'archive.plan' | 'archive.run' | 'archive.list' | 'archive.restore'>;

export function createArchiveHandlers(ports: HandlerPorts): ArchiveHandlers {
  return {
    'archive.plan': async (params, events) =>
      planArchive({ ...ports, ...portsOf(events), engine: await ports.loadEngine() }, requestOf(params)),

    'archive.run': async (params, events) =>
      archive(
        { ...ports, ...portsOf(events), engine: await ports.loadEngine() },
        {
          ...requestOf(params),
          applicationStopped: params.applicationStopped,
          expected: params.expected ?? null,
        },
      ),

    'archive.list': ({ workspace, dataFolder }) => listArchives(ports.files, resolve(workspace, dataFolder)),

    'archive.restore': ({ workspace, dataFolder, archive: name }, events) =>
      restore(
        { ...ports, ...portsOf(events) },
        { workspace, dataFolder: resolve(workspace, dataFolder), archive: name },
      ),
  };
}

function portsOf(events: HandlerEvents): Pick<RunPorts, 'onProgress' | 'beginPublishing'> {
  return {
    onProgress: (phase, message) => tellProgress(events, phase, message),
    beginPublishing: () => events.beginPublishing(),
  };
}

function requestOf({ workspace, dataFolder, planFile, rateLimits, openAnyway }: ArchiveParams): ArchiveRequest {
  return {
    workspace,
    dataFolder: resolve(workspace, dataFolder),
    planFile: planFile ?? null,
    rateLimits: rateLimits ?? 'file',
    openAnyway: openAnyway ?? false,
  };
}
