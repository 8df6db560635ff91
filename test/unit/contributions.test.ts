/** The manifest and the code's table of ids must say the same: what one of them lacks is dead, or fails when clicked. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPlanFile } from '../../src/core/plan/load-plan';
import {
  contextKeys,
  databaseEditorType,
  databasesViewId,
  desktopCommands,
  desktopTools,
  diagramPanelType,
  nodeCommands,
  nodeContexts,
  paletteCommands,
  planFileName,
  reportCommands,
  resultPanelType,
  settings,
  tablePanelType,
  tools,
  viewContainerId,
  walkthroughId,
  writingCommands,
  writingTools,
} from '../../src/shell/contributions';

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly icon: string;
  readonly main: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly enablement?: string;
    }[];
    readonly configuration: {
      readonly properties: Readonly<
        Record<
          string,
          {
            readonly scope: string;
            readonly order: number;
            readonly default: unknown;
            readonly enum?: readonly string[];
            readonly enumDescriptions?: readonly string[];
          }
        >
      >;
    };
    readonly languages: readonly {
      readonly id: string;
      readonly filenames: readonly string[];
      readonly extensions: readonly string[];
    }[];
    readonly jsonValidation: readonly { readonly fileMatch: readonly string[]; readonly url: string }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly when: string;
      readonly steps: readonly {
        readonly media: { readonly svg: string; readonly altText: string };
        readonly completionEvents: readonly string[];
        readonly description: string;
      }[];
    }[];
    readonly languageModelTools: readonly {
      readonly name: string;
      readonly toolReferenceName: string;
      readonly modelDescription: string;
      readonly when: string;
      readonly inputSchema: {
        readonly required?: readonly string[];
        readonly properties: Readonly<Record<string, { readonly description: string }>>;
      };
    }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
  };
}

const root = join(__dirname, '..', '..');
const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const words = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Readonly<Record<string, string>>;
const everyCommand: readonly string[] = [...paletteCommands, ...nodeCommands, ...reportCommands];
const sorted = (ids: Iterable<string>): readonly string[] => [...ids].sort();
const isDesktop = new Set<string>(desktopTools);
const menu = (name: string): readonly MenuItem[] => contributes.menus[name] ?? [];
const whenClauses = [...text.matchAll(/"(?:when|enablement)": "((?:[^"\\]|\\.)*)"/g)].map(
  (match) => JSON.parse(`"${match[1] ?? ''}"`) as string,
);

describe('the manifest', () => {
  it('contributes the commands of the code, each once', () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(everyCommand));
    for (const { category } of contributes.commands) assert.equal(category, 'Jarvis');
  });

  it('contributes the settings, the view and the container of the code', () => {
    const ids = Object.values(settings).map(({ section, key }) => `${section}.${key}`);
    assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(ids));
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [viewContainerId],
    );
    assert.deepEqual(Object.keys(contributes.views), [viewContainerId]);
    assert.deepEqual(
      contributes.views[viewContainerId]?.map(({ id }) => id),
      [databasesViewId],
    );
    for (const { view } of contributes.viewsWelcome) assert.equal(view, databasesViewId);
  });

  it('contributes the tools of the code, each once, with names and inputs that a model can tell apart', () => {
    const { languageModelTools } = contributes;
    assert.deepEqual(sorted(languageModelTools.map(({ name }) => name)), sorted(tools));
    const references = languageModelTools.map(({ toolReferenceName }) => toolReferenceName);
    assert.equal(new Set(references).size, tools.length);
    for (const { name, modelDescription, inputSchema } of languageModelTools) {
      for (const property of inputSchema.required ?? []) assert.ok(property in inputSchema.properties, name);
      for (const [named] of modelDescription.matchAll(/\bjarvis_\w+/g))
        assert.ok(
          tools.some((tool) => tool === named),
          named,
        );
    }
  });

  it('X5: offers the tools that write in a trusted workspace alone, and those that want a disk where there is one', () => {
    const offered = (part: string): readonly string[] =>
      sorted(contributes.languageModelTools.filter(({ when }) => when.includes(part)).map(({ name }) => name));
    assert.deepEqual(offered('isWorkspaceTrusted'), sorted(writingTools));
    assert.deepEqual(offered('!virtualWorkspace && !jarvis.withoutDisk'), sorted(desktopTools));
    assert.deepEqual(offered('!virtualWorkspace || isWeb'), sorted(tools.filter((tool) => !isDesktop.has(tool))));
  });

  it('hides from the palette exactly the commands that need a node or a report', () => {
    const hidden = menu('commandPalette').filter(({ when }) => when === 'false');
    assert.deepEqual(sorted(hidden.map(({ command }) => command)), sorted([...nodeCommands, ...reportCommands]));
  });

  it('puts no unknown command into a menu', () => {
    for (const { command } of Object.values(contributes.menus).flat())
      assert.ok(everyCommand.includes(command), command);
  });

  it('X5: disables the commands that write in an untrusted workspace, and no others', () => {
    const disabled = contributes.commands.filter(
      ({ enablement }) => enablement?.includes('isWorkspaceTrusted') === true,
    );
    assert.deepEqual(sorted(disabled.map(({ command }) => command)), sorted(writingCommands));
    const inPalette = menu('commandPalette').filter(({ when }) => when?.includes('isWorkspaceTrusted') === true);
    const isOfReport = new Set<string>(reportCommands);
    const inThePalette = writingCommands.filter((command) => !isOfReport.has(command));
    assert.deepEqual(sorted(inPalette.map(({ command }) => command)), sorted(inThePalette));
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
    // An absolute path that an untrusted workspace names must not be read.
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, [
      'jarvis.dataFolder',
      'jarvis.planFile',
    ]);
  });

  it('hides in a browser the commands that want a disk or a migration, and no others', () => {
    const desktop = new Set<string>(desktopCommands);
    for (const { command, when } of Object.values(contributes.menus).flat())
      if (when !== 'false') assert.equal(when?.includes('!jarvis.withoutDisk') === true, desktop.has(command), command);
    // A command that the menu of the palette does not name is in the palette.
    const named = new Set(menu('commandPalette').map(({ command }) => command));
    for (const id of desktop) assert.ok(named.has(id), id);
  });

  it('offers in a virtual workspace what can be looked at in a browser, and nothing that wants a disk', () => {
    const desktop = new Set<string>(desktopCommands);
    for (const { command, when = '' } of Object.values(contributes.menus).flat()) {
      const clause = `${command}: ${when}`;
      if (when === 'false') continue;
      if (desktop.has(command)) assert.match(when, /&& !virtualWorkspace\b|^!virtualWorkspace\b/, clause);
      // Without a folder that the engine sees, they end in a message.
      else if (when.includes('workspaceFolderCount'))
        assert.match(when, /&& \(!virtualWorkspace \|\| isWeb\)$/, clause);
      else assert.doesNotMatch(when, /virtualWorkspace/, clause);
    }
  });

  it('tests no context key that nobody sets', () => {
    const known = new Set<string>(Object.values(contextKeys));
    const used = whenClauses.flatMap((clause) => clause.match(/\bjarvis\.\w+/g) ?? []);
    const types: readonly string[] = [databasesViewId, tablePanelType, databaseEditorType];
    const unknown = used.filter((key) => !known.has(key) && !types.includes(key));
    assert.deepEqual(unknown, []);
    for (const key of known) assert.ok(used.includes(key), `${key} is set and never used`);
  });

  it('has menus for nodes that exist', () => {
    const contexts = [
      nodeContexts.folder,
      nodeContexts.table,
      nodeContexts.legacyTable,
      nodeContexts.view,
      nodeContexts.column,
      nodeContexts.problem,
      nodeContexts.hint,
      ...['consolidated', 'legacy', 'other'].flatMap((role) => [
        nodeContexts.group(role),
        ...['core', 'analytics', 'cache', null].map((domain) => nodeContexts.database(role, domain)),
      ]),
    ];
    for (const { when } of menu('view/item/context')) {
      const pattern = /viewItem =~ \/(.*)\/$/.exec(when ?? '')?.[1];
      const exact = /viewItem == (\S+)$/.exec(when ?? '')?.[1];
      const matches = contexts.filter((context) =>
        pattern === undefined ? context === exact : new RegExp(pattern).test(context),
      );
      assert.ok(matches.length > 0, `no node has the menu of ${when ?? 'no clause'}`);
    }
  });

  it('has words for every placeholder, and no words that nobody uses', () => {
    const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1] ?? '');
    assert.deepEqual(sorted(new Set(used)), sorted(Object.keys(words)));
  });

  it('links only to commands that exist', () => {
    const links = Object.values(words).flatMap((value) =>
      [...value.matchAll(/command:([\w.]+)/g)].map((m) => m[1] ?? ''),
    );
    for (const link of links) {
      // VS Code itself has a command for each view.
      if (link.startsWith('jarvis.') && link !== `${databasesViewId}.focus`)
        assert.ok(everyCommand.includes(link), link);
    }
    assert.ok(links.includes('jarvis.selectDataFolder'));
  });

  it('has one walkthrough, whose steps can all be done and are drawn in the colors of the theme', () => {
    const [walkthrough, ...others] = contributes.walkthroughs;
    assert.deepEqual(others, []);
    assert.equal(`${manifest.publisher}.${manifest.name}#${walkthrough?.id ?? ''}`, walkthroughId);
    // Unset while the extension is installed: VS Code would open the walkthrough by itself.
    assert.match(walkthrough?.when ?? '', /^jarvis\.dataFolderState && /);
    for (const { media, completionEvents, description } of walkthrough?.steps ?? []) {
      const key = description.replaceAll('%', '');
      assert.match(words[key] ?? '', /^\[.+\]\(command:jarvis\.[\w.]+\)$/m, `${key} has no button`);
      assert.ok(completionEvents.length > 0);
      for (const event of completionEvents) {
        const command = /^onCommand:(.+)$/.exec(event)?.[1];
        if (command === undefined) assert.equal(event, `onContext:${contextKeys.dataFolderState} == found`);
        else assert.ok(everyCommand.includes(command), event);
      }
      const picture = readFileSync(join(root, media.svg), 'utf8');
      const colors = [...picture.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color = '']) => color);
      for (const color of colors) assert.match(color, /^(none|var\(--vscode-[\w-]+\))$/, media.svg);
      // The page that shows it allows no styles but its own.
      assert.doesNotMatch(picture, /style|<script|href/);
    }
  });

  it('settles what belongs to a folder by folder, and says what each choice of a setting means', () => {
    const all = Object.values(contributes.configuration.properties);
    for (const setting of all) {
      assert.equal(setting.scope, 'resource');
      assert.equal(setting.enumDescriptions?.length, setting.enum?.length);
      if (setting.enum !== undefined) assert.ok(setting.enum.includes(String(setting.default)));
    }
    assert.deepEqual(
      all.map(({ order }) => order),
      all.map((_, index) => index + 1),
    );
  });

  it('makes the plan file JSON with comments that is checked by the schema of the core', () => {
    assert.equal(planFileName, defaultPlanFile);
    const [language, ...others] = contributes.languages;
    assert.deepEqual(others, []);
    assert.deepEqual(language, { id: 'jsonc', filenames: [planFileName], extensions: [`.${planFileName}`] });
    assert.deepEqual(contributes.jsonValidation, [
      { fileMatch: [planFileName, `*.${planFileName}`], url: './dist/jarvis.plan.schema.json' },
    ]);
    // Written by the build, and by nothing that could be forgotten.
    assert.match(readFileSync(join(root, 'scripts', 'build.ts'), 'utf8'), /'jarvis\.plan\.schema\.json'/);
  });

  it('does no work at start-up: views, commands, SQL and JSON with comments, as plan files are, activate it', () => {
    assert.deepEqual(manifest.activationEvents, [
      'onLanguage:jsonc',
      'onLanguage:sql',
      `onWebviewPanel:${tablePanelType}`,
      `onWebviewPanel:${resultPanelType}`,
      `onWebviewPanel:${diagramPanelType}`,
    ]);
  });

  it('names files that exist', () => {
    const { activitybar } = contributes.viewsContainers;
    for (const { icon } of [...activitybar, ...Object.values(contributes.views).flat()]) {
      assert.ok(existsSync(join(root, icon)), icon);
    }
  });
});
