/** SVG elements without markup: what comes from a database is only ever text. */

const space = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const result = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) result.setAttribute(name, String(value));
  result.append(...children);
  return result;
}

/** What the theme decides, as attributes that any program understands. */
const looks = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
] as const;

/** A drawing on the screen as a file of its own: with the colors of the theme in it, and without what only a window needs. */
export function standalone(drawing: SVGSVGElement, world: SVGGElement, width: number, height: number): string {
  const margin = 24;
  const copy = world.cloneNode(true) as SVGGElement;
  const originals = world.querySelectorAll<SVGElement>('*');
  for (const [index, element] of copy.querySelectorAll<SVGElement>('*').entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    if (style.display === 'none') element.setAttribute('display', 'none');
    for (const name of looks) element.setAttribute(name, style.getPropertyValue(name));
    for (const name of ['class', 'tabindex', 'role', 'aria-label', 'style']) element.removeAttribute(name);
  }
  copy.removeAttribute('class');
  copy.setAttribute('transform', `translate(${margin} ${margin})`);
  const background = getComputedStyle(document.body).backgroundColor;
  const [w, h] = [Math.ceil(width + 2 * margin), Math.ceil(height + 2 * margin)];
  const file = svg(
    'svg',
    { width: w, height: h, viewBox: `0 0 ${w} ${h}` },
    svg('title', {}, drawing.getAttribute('aria-label') ?? ''),
    svg('rect', { width: w, height: h, fill: background }),
    copy,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(file)}\n`;
}
