import assert from 'node:assert/strict';
import { normaliseSql } from '../../../../src/core/compare/schema-text';

describe('normaliseSql', () => {
  const same: readonly (readonly [string, string])[] = [
    ['CREATE TABLE t (a, b)', 'CREATE TABLE t(\n  a ,\tb\n)\n'],
    ['CREATE VIEW v AS SELECT 1', 'CREATE  VIEW v\r\nAS SELECT\n1'],
    ["CHECK (a <> '  ')", "CHECK(a  <>  '  ')"],
  ];
  for (const [a, b] of same) it(`takes for the same: ${a}`, () => assert.equal(normaliseSql(a), normaliseSql(b)));

  const different: readonly (readonly [string, string])[] = [
    ["DEFAULT 'x  y'", "DEFAULT 'x y'"],
    ['CREATE TABLE "a b"', 'CREATE TABLE "a  b"'],
    ['CREATE TABLE [a b]', 'CREATE TABLE [a  b]'],
    ["DEFAULT 'it''s  so'", "DEFAULT 'it''s so'"],
    ['a b', 'ab'],
    ['-- one\n2', '-- one 2'],
    ['/* a  b */ x', '/* a b */ x'],
  ];
  for (const [a, b] of different)
    it(`tells apart: ${JSON.stringify(a)}`, () => assert.notEqual(normaliseSql(a), normaliseSql(b)));
});
