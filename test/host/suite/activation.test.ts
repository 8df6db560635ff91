import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { nodeCommands, paletteCommands, reportCommands } from '../../../src/shell/contributions';
import { findExtension, inWorkspace, print } from './helpers';

describe('activation', () => {
  it('registers things and does nothing else', async () => {
    const extension = findExtension();
    const open = vscode.workspace.textDocuments.map(({ uri, languageId }) => `${languageId} ${uri.toString()}`);
    assert.equal(extension.isActive, false, `activated before anybody looked; open are: ${open.join(', ')}`);
    const start = performance.now();
    const api = await extension.activate();
    const { activationMilliseconds } = api;
    const whole = performance.now() - start;
    print(`activate() took ${activationMilliseconds.toFixed(1)} ms; with loading, ${whole.toFixed(0)} ms`);
    assert.equal(api.engineStarted(), false, 'activation started an engine');
    assert.equal(api.catalogueRead(), false, 'activation read the workspace');
  });

  it('does no work while nobody looks, whatever happens in the workspace', async () => {
    const api = findExtension().exports;
    const stranger = inWorkspace('data', 'stranger.db');
    writeFileSync(stranger, '');
    await sleep(1000); // longer than the watcher's debounce
    rmSync(stranger);
    await sleep(1000);
    assert.equal(api.engineStarted(), false, 'a change in a folder that nobody looked at started an engine');
    assert.equal(api.catalogueRead(), false, 'a change in a folder that nobody looked at was read');
  });

  it('starts the engine for the first one who looks', async () => {
    const api = findExtension().exports;
    await api.tree.getChildren();
    assert.equal(api.engineStarted(), true);
    assert.equal(api.catalogueRead(), true);
  });

  it('registers every command', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const id of [...paletteCommands, ...nodeCommands, ...reportCommands]) assert.ok(registered.includes(id), id);
  });
});
