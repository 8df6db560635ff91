/** A child process with the real server and handlers that do what the tests of the link ask for, by `dataFolder`. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '../../../src/core/errors';
import { processPort, serve, type EngineHandlers } from '../../../src/engine/server';

let inventories = 0;
let runs = 0;

const unused = (): Promise<never> => Promise.reject(new Error('not faked'));

const handlers: EngineHandlers = {
  'catalogue.findDataFolder': unused,
  'catalogue.status': unused,
  'plan.check': unused,
  'plan.print': unused,
  'plan.describe': unused,
  'compare.databases': unused,
  'compare.row': unused,
  'archive.plan': unused,
  'archive.run': unused,
  'archive.list': unused,
  'archive.restore': unused,
  'undo.rollBack': unused,
  'backups.list': unused,
  'backups.restore': unused,
  'report.standing': unused,
  'browse.tables': unused,
  'browse.open': unused,
  'browse.rows': unused,
  'browse.status': unused,
  'browse.locate': unused,
  'browse.find': unused,
  'browse.cell': unused,
  'browse.copy': unused,
  'browse.export': unused,
  'browse.diagram': unused,
  'browse.describe': unused,
  'browse.profile': unused,
  'browse.refresh': unused,
  'browse.close': unused,
  'query.run': unused,
  'query.changed': unused,
  'query.schema': unused,
  'catalogue.describe': ({ database }, events) => {
    events.log('info', `describing ${database}`);
    return Promise.reject(new CoreError('damaged', `${database} is damaged.`, { path: database, hint: 'Restore it.' }));
  },
  'catalogue.countRows': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- sql.js does this
    throw 'a bare string';
  },
  'catalogue.inventory': async ({ workspace, dataFolder }) => {
    inventories++;
    if (dataFolder === 'die') process.exit(7);
    if (dataFolder === 'die-of-signal') process.kill(process.pid, 'SIGABRT');
    if (dataFolder === 'slow') await sleep(400);
    if (dataFolder === 'hang') await sleep(60_000);
    return { workspace, dataFolder: `${process.pid}/${inventories}`, databases: [] };
  },
  'migration.run': async ({ workspace, dataFolder }, events) => {
    const alone = ++runs === 1;
    events.progress({ phase: 'read', message: `${dataFolder} alone=${alone}` });
    try {
      if (dataFolder === 'die-reading') process.exit(3);
      if (dataFolder === 'hang') await sleep(60_000);
      if (dataFolder === 'short') await sleep(50);
      if (dataFolder === 'publish' || dataFolder === 'die-publishing') {
        await events.beginPublishing();
        events.progress({ phase: 'publish', message: 'publishing' });
        if (dataFolder === 'die-publishing') process.exit(4);
        await sleep(300);
        if (workspace !== '') writeFileSync(workspace, 'published');
      }
    } finally {
      runs--;
    }
    return {
      report: { run: dataFolder } as never,
      markdown: `# ${dataFolder}`,
      reportPath: null,
      planFingerprint: null,
    };
  },
  'report.latest': () => Promise.resolve(null),
};

serve(handlers, processPort());
