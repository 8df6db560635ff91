/** The README of a sample workspace, for whoever opens it. */
export function readme(legacy: number, consolidated: number): string {
  return `# A sample Jarvis workspace

Made up, and safe to play with: ${legacy} legacy databases and the ${consolidated} consolidated ones, with the
schemas of a real Jarvis installation and invented rows. Nothing in it is anybody's data.

## What to try

1. Open this folder in VS Code with the *Jarvis Databases* extension. The sidebar shows the legacy and the consolidated
   databases; open \`llm_usage\` in \`data/llm_costs.db\` to look at its rows.
2. Run **Jarvis: Migrate Analytics** from the command palette. The rows of \`llm_usage\` go to \`llm_costs\` in
   \`data/jarvis_analytics.db\`; the tables without a counterpart there move as they are.
3. Read the validation report that opens beside the editor. It also lies in \`data/backups/\`, next to the copies that
   were made of every file first.
4. Run the command again: nothing is added twice.
5. Do the same for the other domains. Among the trades are some that no consolidated table takes as they are: without a
   signature, without a user, of a position that is gone. The report says what became of each.

To start over, make the sample again: the folder is emptied and written anew.
`;
}
