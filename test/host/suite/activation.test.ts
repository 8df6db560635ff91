import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { nodeCommands, paletteCommands } from '../../../src/shell/contributions';
import { findExtension, print } from './helpers';

describe('activation', () => {
  it('registers things and does nothing else', async () => {
    const extension = findExtension();
    assert.equal(extension.isActive, false, 'something activated the extension before anybody looked');
    const start = performance.now();
    const api = await extension.activate();
    const { activationMilliseconds } = api;
    const whole = performance.now() - start;
    print(`activate() took ${activationMilliseconds.toFixed(1)} ms; with loading, ${whole.toFixed(0)} ms`);
    assert.equal(api.engineStarted(), false);
    assert.ok(activationMilliseconds < 50, `${activationMilliseconds} ms`);
  });

  it('registers every command', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const id of [...paletteCommands, ...nodeCommands]) assert.ok(registered.includes(id), id);
  });
});
