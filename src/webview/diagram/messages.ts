/** Everything that passes between the extension host and the webview of a diagram: plain data, types only. */
import type { DatabaseDiagram } from '../../core/browse/diagram';
import type { DiagramWords } from './words';

export type FromDiagram =
  | { readonly kind: 'ready' }
  | { readonly kind: 'openTable'; readonly table: string }
  | { readonly kind: 'copyText'; readonly text: string }
  | { readonly kind: 'saveSvg'; readonly text: string };

export interface DiagramStart {
  readonly words: DiagramWords;
  readonly language: string;
  /** The file as messages name it. */
  readonly database: string;
  /** What `setState` is to remember, so that the host finds the database again after a reload. */
  readonly identity: Readonly<Record<string, string>>;
}

export type ToDiagram =
  | { readonly kind: 'start'; readonly start: DiagramStart }
  /** Again whenever the schema changed. */
  | { readonly kind: 'diagram'; readonly diagram: DatabaseDiagram }
  | { readonly kind: 'problem'; readonly message: string };
