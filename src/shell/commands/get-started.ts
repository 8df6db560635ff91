import * as vscode from 'vscode';
import { walkthroughId } from '../contributions';

/** "Get Started": the walkthrough, which opens when somebody asks for it, and never by itself. */
export async function getStarted(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthroughId, false);
}
