/** `jarvis_plan_migration`: a dry run, and the token by which exactly what it showed can be carried out. */
import * as vscode from 'vscode';
import { allDomains } from '../commands/domains';
import { questionOf, type MigrationQuestion } from '../commands/confirm-migration';
import type { ConfirmedMigration } from '../commands/migrate';
import { exclusively, run } from '../commands/run';
import { confirmedBy } from '../run-summary';
import type { Services } from '../services';
import { runSettings } from '../settings';
import { readDomains, readText } from './input';
import { onePlace } from './places';
import { tokenMinutes, type RehearsedRuns } from './rehearsed-runs';
import { accountOf, hindranceOf, notRun } from './run-account';
import { toolPlaces, type Tool } from './tool';

/** What a token stands for, and the question that its rehearsal gives. */
export interface RehearsedMigration {
  readonly migration: ConfirmedMigration;
  readonly question: MigrationQuestion;
}

export function planMigration(rehearsed: RehearsedRuns<RehearsedMigration>): Tool<Services> {
  return {
    prepare: () => ({ invocationMessage: vscode.l10n.t('Doing a dry run of the migration') }),

    async invoke(services, input, signal) {
      const domains = readDomains(input, allDomains);
      const picked = onePlace(await toolPlaces(services), readText(input, 'folder'));
      return exclusively(async () => {
        // Once for both: what was confirmed is what runs.
        const settings = runSettings(picked.folder);
        const result = await run(services, picked, { mode: 'dryRun', domains, settings, signal });
        if (result === undefined) throw notRun();
        const account = accountOf(result.report);
        const hindrance = hindranceOf(result.report);
        if (hindrance !== null) return { token: null, noTokenBecause: hindrance, ...account };
        const migration = { picked, domains, settings, expected: confirmedBy(result), consent: result.consent };
        const token = rehearsed.keep({ migration, question: questionOf(result.report) });
        return { token, tokenMinutes, ...account };
      });
    },
  };
}
