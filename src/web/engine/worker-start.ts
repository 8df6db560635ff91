/** The first message of the extension host to the engine's worker, and the only one that does not go through a port. */
export interface WorkerStart {
  /** The link of `src/engine/wire.ts`. */
  readonly requests: MessagePort;
  /** The worker asks for `HostFiles` here. */
  readonly files: MessagePort;
  /** The bytes of `sql-wasm.wasm`. */
  readonly wasm: Uint8Array;
}
