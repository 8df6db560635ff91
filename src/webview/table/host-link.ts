/** The view's end of the link to the extension host. */
import type { CoreErrorData } from '../../core/errors';
import type { FromView, ToView, ViewAsker, ViewRequests } from './messages';

type Reply = Extract<ToView, { kind: 'reply' }>;

interface VsCode {
  postMessage(message: FromView): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';

  constructor(readonly data: CoreErrorData) {
    super(data.hint === null ? data.message : `${data.message} ${data.hint}`);
  }
}

/** @typeParam M what the host tells, besides its replies */
export class HostLink<M extends { readonly kind: string } = Exclude<ToView, Reply>> implements ViewAsker {
  private readonly api = acquireVsCodeApi();
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private lastId = 0;

  constructor(onMessage: (message: M) => void) {
    window.addEventListener('message', ({ data }: MessageEvent<Reply | M>) => {
      if (!isReply(data)) {
        onMessage(data);
        return;
      }
      const request = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.ok) request?.resolve(data.value);
      else request?.reject(new RequestFailed(data.error));
    });
  }

  /** @throws RequestFailed */
  ask<N extends keyof ViewRequests>(name: N, params: ViewRequests[N]['params']): Promise<ViewRequests[N]['result']> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      // The reply to a name is what the messages say it is.
      this.waiting.set(id, { resolve: (value) => resolve(value as ViewRequests[N]['result']), reject });
      this.api.postMessage({ kind: 'request', id, name, params });
    });
  }

  ready(): void {
    this.api.postMessage({ kind: 'ready' });
  }

  get state(): unknown {
    return this.api.getState();
  }

  remember(state: unknown): void {
    this.api.setState(state);
  }
}

function isReply(message: Reply | { readonly kind: string }): message is Reply {
  return message.kind === 'reply';
}
