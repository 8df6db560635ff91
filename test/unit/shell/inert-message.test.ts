import assert from 'node:assert/strict';
import { inertMessage } from '../../../src/shell/inert-message';

/** What VS Code 1.100 makes a link of in a notification (vs/base/common/linkedText). */
const linked = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe('X2: a notification', () => {
  for (const name of [
    'data/[Fix now](command:workbench.action.terminal.new).db',
    '[a](https://a.example)',
    '[a](COMMAND:x)',
    '[a](file:///etc/passwd "title")',
    '[\u202Ea](command:x)',
  ]) {
    it(`makes no link of ${JSON.stringify(name)}`, () => {
      assert.match(`${name} is damaged.`, linked);
      assert.doesNotMatch(inertMessage(`${name} is damaged.`), linked);
    });
  }

  it('shows marks that turn the text, and control characters, instead of obeying them', () => {
    assert.equal(inertMessage('a\u202Ebd.txt\u2066\n'), 'a\\u{202E}bd.txt\\u{2066}\\u{A}');
  });

  it('leaves ordinary words and other languages alone', () => {
    for (const text of ['1 234 rows [llm_costs] (a copy) migrated.', 'Größe: 1\u202F234', 'نتیجه'])
      assert.equal(inertMessage(text), text);
  });
});
