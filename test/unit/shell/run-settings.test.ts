import assert from 'node:assert/strict';
import { CoreError } from '../../../src/core/errors';
import { readRunSettings, type RunSettings } from '../../../src/shell/run-settings';

describe('the settings of a run', () => {
  const read = (values: Readonly<Record<string, unknown>>): RunSettings =>
    readRunSettings(({ section, key }) => values[`${section}.${key}`]);

  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, RunSettings])[] = [
    ['nothing set: the engine decides', {}, { planFile: null, rateLimits: 'file' }],
    [
      'everything set',
      { 'jarvis.planFile': ' plans/mine.json ', 'jarvis.rejects': 'collect', 'jarvis.rateLimits.strategy': 'database' },
      { planFile: 'plans/mine.json', rejects: 'collect', rateLimits: 'database' },
    ],
    [
      'a plan that collects is overruled only by a setting that was made',
      { 'jarvis.rejects': 'fail' },
      { planFile: null, rejects: 'fail', rateLimits: 'file' },
    ],
    [
      'an empty text is no value',
      { 'jarvis.planFile': ' ', 'jarvis.rejects': '', 'jarvis.rateLimits.strategy': null },
      { planFile: null, rateLimits: 'file' },
    ],
  ];
  for (const [what, values, expected] of cases) it(what, () => assert.deepEqual(read(values), expected));

  for (const [setting, value] of [
    ['jarvis.rejects', 'ignore'],
    ['jarvis.rejects', true],
    ['jarvis.rateLimits.strategy', 'yaml'],
  ] as const) {
    it(`refuses ${setting} ${JSON.stringify(value)}, and names it`, () => {
      assert.throws(
        () => read({ [setting]: value }),
        (error: unknown) => {
          assert.ok(error instanceof CoreError && error.message.includes(setting), String(error));
          assert.match(error.hint ?? '', / or /);
          return true;
        },
      );
    });
  }
});
