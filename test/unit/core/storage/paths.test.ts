import assert from 'node:assert/strict';
import fc from 'fast-check';
import { displayPath, fromWorkspace, isInside } from '../../../../src/core/storage/paths';

describe('paths', () => {
  const segment = fc.stringMatching(/^[a-zä .-]{1,6}$/).filter((name) => name !== '.' && name !== '..');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);

  it('a path and its display are one: inside the workspace folder, and outside of it', () => {
    fc.assert(
      fc.property(path, path, (workspace, file) => {
        assert.equal(fromWorkspace(workspace, displayPath(workspace, file)), file);
        assert.equal(fromWorkspace(workspace, displayPath(workspace, workspace + file)), workspace + file);
        assert.equal(displayPath(workspace, workspace + file), file.slice(1));
        assert.ok(isInside(workspace, workspace + file));
      }),
    );
  });

  it('a neighbour whose name begins alike, or with dots, is told from what lies inside', () => {
    assert.equal(isInside('/a/b', '/a/bc'), false);
    assert.equal(isInside('/a/b', '/a'), false);
    assert.equal(isInside('/a/b', '/a/b/..c'), true);
    assert.equal(displayPath('/a/b', '/a/bc/x.db'), '/a/bc/x.db');
    assert.equal(displayPath('/a/b', '/a/b/..c/x.db'), '..c/x.db');
    assert.equal(displayPath('/a/b', '/a/b'), '.');
  });
});
