/**
 * What the driver's readings need of an element of the page: the project's types are Node's, not the browser's.
 *
 * A function that runs in the page must use nothing outside itself, and must not name functions inside: the build of
 * the tests wraps those in a helper that the page does not have.
 */
export interface PageElement {
  readonly textContent: string | null;
  readonly className: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}
