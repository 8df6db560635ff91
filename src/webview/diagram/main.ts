/** The diagram of one database. */
import './diagram.css';
import { DiagramView, type DiagramState } from './diagram-view';
import type { FromDiagram, ToDiagram } from './messages';

interface VsCode {
  postMessage(message: FromDiagram): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCode;

/** State is remembered when nothing has changed for so long. Milliseconds. */
const settled = 200;

const api = acquireVsCodeApi();
let view: DiagramView | null = null;
let timer = 0;

window.addEventListener('message', ({ data }: MessageEvent<ToDiagram>) => {
  switch (data.kind) {
    case 'start': {
      const { start } = data;
      document.documentElement.lang = start.language;
      const remember = (state: DiagramState): void => {
        clearTimeout(timer);
        timer = window.setTimeout(() => api.setState({ ...start.identity, diagram: state }), settled);
      };
      view = new DiagramView(start, readState(api.getState()), (message) => api.postMessage(message), remember);
      document.body.replaceChildren(view.element);
      api.setState({ ...start.identity, diagram: readState(api.getState()) });
      break;
    }
    case 'diagram':
      view?.show(data.diagram);
      break;
    case 'problem':
      view?.tell(data.message);
  }
});

window.addEventListener('focus', (event) => {
  if (event.target === window && document.activeElement === document.body) view?.focus();
});

/** What an earlier version stored may be anything. */
function readState(stored: unknown): DiagramState {
  const { diagram } = asRecord(stored);
  const { look, keysOnly, showLoose, unfolded } = asRecord(diagram);
  const { x, y, scale } = asRecord(look);
  const known = [x, y, scale].every((value) => typeof value === 'number' && Number.isFinite(value));
  return {
    look: known ? { x: Number(x), y: Number(y), scale: Number(scale) } : null,
    keysOnly: typeof keysOnly === 'boolean' ? keysOnly : null,
    showLoose: typeof showLoose === 'boolean' ? showLoose : null,
    unfolded: Array.isArray(unfolded) ? unfolded.filter((name) => typeof name === 'string') : [],
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

api.postMessage({ kind: 'ready' });
