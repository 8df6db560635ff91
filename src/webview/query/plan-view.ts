/** A query plan as an indented tree: SQLite's words, and what they mean for the time it takes. */
import type { QueryPlanStep } from '../../core/query/model';
import { element } from '../table/dom';
import type { QueryWords } from './words';

type Cost = 'slow' | 'fast' | 'plain';

export function drawPlan(target: HTMLElement, steps: readonly QueryPlanStep[], words: QueryWords): void {
  const items = steps.map(({ depth, detail }) => {
    const { cost, meaning } = explain(detail, words);
    const [verb = '', ...rest] = detail.split(' ');
    const item = element(
      'li',
      `step ${cost}`,
      { role: 'treeitem', 'aria-level': depth + 1 },
      element('span', 'verb', {}, verb),
      element('span', 'detail', {}, rest.join(' ')),
      ...(meaning === null ? [] : [element('span', 'meaning', {}, meaning)]),
    );
    item.style.setProperty('--depth', String(depth));
    return item;
  });
  target.replaceChildren(element('ul', 'plan', { role: 'tree', 'aria-label': words.plan }, ...items));
}

/** https://www.sqlite.org/eqp.html */
function explain(detail: string, words: QueryWords): { readonly cost: Cost; readonly meaning: string | null } {
  const byIndex = /USING (?:COVERING )?INDEX/.test(detail);
  if (detail.includes('USING AUTOMATIC')) return { cost: 'slow', meaning: words.buildsIndex };
  if (/^SEARCH .*USING (INTEGER )?PRIMARY KEY/.test(detail)) return { cost: 'fast', meaning: words.searchesKey };
  if (detail.startsWith('SEARCH ')) return { cost: 'fast', meaning: byIndex ? words.searchesIndex : null };
  if (/^SCAN (?!CONSTANT ROW)/.test(detail))
    return byIndex ? { cost: 'plain', meaning: words.readsIndex } : { cost: 'slow', meaning: words.readsAll };
  if (detail.startsWith('USE TEMP B-TREE')) return { cost: 'plain', meaning: words.sorts };
  return { cost: 'plain', meaning: null };
}
