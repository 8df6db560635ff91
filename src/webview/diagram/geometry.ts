/** Where things of a diagram are, in pixels from its top left corner. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point, Size {}

/** From where to where a rank reaches: a line leaves it before it turns. */
export interface Span {
  readonly left: number;
  readonly right: number;
}

export interface Layout {
  /** Top left corners, by card id. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Points that a line passes between its two ends, by edge id. */
  readonly bends: ReadonlyMap<string, readonly Point[]>;
  /** The ranks of cards that stand in one, by card id. */
  readonly ranks: ReadonlyMap<string, Span>;
  /** Where the heading of the tables without references stands; null where there is none. */
  readonly looseHeading: Point | null;
  readonly size: Size;
}
