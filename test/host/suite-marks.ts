/** What both sides of a suite agree on: the runner in the extension host prints, the command line outside reads. */
export const lineMark = 'TEST|';
export const countsMark = 'TEST-COUNTS|';

export interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}
