/** `jarvis_migrate`: carries out one dry run, after the user has read and confirmed what it will do. */
import * as vscode from 'vscode';
import { migrateConfirmed } from '../commands/migrate';
import { noFolder } from '../commands/pick-place';
import { exclusively } from '../commands/run';
import { inertMessage } from '../inert-message';
import type { Services } from '../services';
import { linesOfText } from '../tree/item-look';
import { requireTrust } from '../trust';
import { requireText } from './input';
import type { RehearsedMigration } from './plan-migration';
import type { RehearsedRuns } from './rehearsed-runs';
import { accountOf, notRun } from './run-account';
import type { Tool } from './tool';

export function carryOutMigration(rehearsed: RehearsedRuns<RehearsedMigration>): Tool<Services> {
  /** The token, if what it stands for may be carried out here and now; it is not used by looking. */
  const check = ({ model }: Services, input: unknown): { readonly token: string } & RehearsedMigration => {
    requireTrust('migrate', vscode.workspace.isTrusted);
    const token = requireText(input, 'token');
    const found = rehearsed.look(token);
    const { uri } = found.migration.picked.folder;
    if (!model.folders.some((folder) => folder.uri.toString() === uri.toString())) throw noFolder();
    return { token, ...found };
  };

  return {
    prepare(services, input) {
      // Nobody should read and confirm what is then refused.
      const { title, detail } = check(services, input).question;
      return {
        invocationMessage: vscode.l10n.t('Migrating'),
        confirmationMessages: { title: inertMessage(title), message: linesOfText(detail) },
      };
    },

    async invoke(services, input, signal) {
      const { token } = check(services, input);
      return exclusively(async () => {
        const { migration } = rehearsed.take(token);
        const result = await migrateConfirmed(services, migration, signal);
        if (result === undefined) throw notRun();
        return { ...accountOf(result.report), reportPath: result.reportPath };
      });
    },
  };
}
