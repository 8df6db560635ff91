import assert from 'node:assert/strict';
import { visibleLines, visibleName, visibleText, visibleTitle } from '../../../src/core/visible-text';
import { hexDump } from '../../../src/webview/table/hex-dump';
import {
  emptyPanel,
  emptyState,
  readPanel,
  readState,
  type PanelState,
  type TableState,
} from '../../../src/webview/table/view-state';

describe('what a view remembers', () => {
  it('comes back as it was', () => {
    const state: TableState = {
      columns: [{ name: '__proto__', width: 120, sized: false, hidden: false, pinned: true }],
      sort: [{ column: 'a', descending: true }],
      filters: [['a', '>5']],
      position: 999_999,
      key: '-9223372036854775808',
      active: { row: 1_000_000, column: 3, key: '17' },
      profiles: ['', 'a'],
    };
    assert.deepEqual(readState(JSON.parse(JSON.stringify(state))), state);
    const panel: PanelState = { open: true, size: { width: 33.25, height: null }, part: 'hex', wraps: false };
    assert.deepEqual(readPanel(JSON.parse(JSON.stringify(panel))), panel);
  });

  it('is nothing where it is not what it should be', () => {
    for (const value of [
      undefined,
      null,
      7,
      'x',
      [],
      {
        columns: 5,
        sort: [{}],
        filters: [[1, 2]],
        key: "1' OR 1",
        active: { key: 'x' },
        position: -1,
        profiles: [1],
        open: 1,
        size: { width: 100, height: '50%;' },
        part: '<b>',
        wraps: null,
      },
    ]) {
      assert.deepEqual(readState(value), emptyState);
      assert.deepEqual(readPanel(value), emptyPanel);
    }
  });
});

describe('values on the screen', () => {
  it('X2: hide no character and turn no text around', () => {
    assert.equal(visibleText('a\nb\tc\0'), 'a↵b→c␀');
    assert.equal(visibleText('\ufeffx\u202ey\u200bz'), '⟨BOM⟩x⟨202E⟩y⟨200B⟩z');
    assert.equal(visibleText('<b>😀 ü</b>'), '<b>😀 ü</b>');
    assert.equal(visibleName('\u202eevil'), '⟨202E⟩evil');
    assert.equal(visibleName(''), '""');
    assert.equal(visibleTitle('😀'.repeat(60)), '😀'.repeat(60));
    assert.equal(visibleTitle('😀'.repeat(10_000)), `${'😀'.repeat(59)}…`);
    assert.equal(visibleLines('a\r\nb\n\tc\rd\0'), 'a\r\nb\n\tc␍d␀');
    assert.equal(visibleLines('\u202eabc👨\u200d👩x\u200dy'), '⟨202E⟩abc👨\u200d👩x⟨200D⟩y');
  });

  it('show bytes with their address and their characters', () => {
    const lines = hexDump('00'.repeat(16) + '41ff').split('\n');
    assert.equal(lines[0], `000000  ${'00 '.repeat(8).trim()}  ${'00 '.repeat(8).trim()}  ${'·'.repeat(16)}`);
    assert.match(lines[1] ?? '', /^000010 {2}41 ff .* A·$/);
    assert.equal(hexDump(''), '');
  });
});
