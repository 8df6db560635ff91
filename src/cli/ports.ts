/** What the commands stand on: the engine's handlers in this very process, and a terminal. */
import type { FileStore } from '../core/storage/file-store';
import type { EngineHandlers, HandlerEvents } from '../engine/server';

export interface CliPorts {
  readonly handlers: EngineHandlers;
  readonly files: FileStore;
  readonly events: HandlerEvents;
  /** With `--json`, one document and nothing else. */
  readonly stdout: (text: string) => void;
  /** What is for people where standard output is for a program. */
  readonly stderr: (text: string) => void;
}
