/** The settings that decide what a run does, as the engine wants them. */
import { CoreError } from '../core/errors';
import type { RunParams } from '../engine/protocol';
import { settings } from './contributions';

export type RunSettings = Required<Pick<RunParams, 'planFile' | 'rateLimits'>> & Pick<RunParams, 'rejects'>;

/**
 * @param read the value of a setting; undefined where nobody has set it: `jarvis.rejects` overrules the plan file only then
 * @throws CoreError `plan-invalid` for a value that the setting cannot have: it is never guessed at
 */
export function readRunSettings(read: (setting: (typeof settings)[keyof typeof settings]) => unknown): RunSettings {
  const choose = <T extends string>(name: keyof typeof settings, ...choices: readonly T[]): T | undefined => {
    const value = read(settings[name]);
    if (value === undefined || value === null || value === '') return undefined;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) throw wrongValue(name, choices, value);
    return chosen;
  };
  const planFile = read(settings.planFile);
  const rejects = choose('rejects', 'fail', 'collect');
  return {
    planFile: typeof planFile === 'string' && planFile.trim() !== '' ? planFile.trim() : null,
    rateLimits: choose('rateLimits', 'file', 'database') ?? 'file',
    ...(rejects === undefined ? {} : { rejects }),
  };
}

function wrongValue(name: keyof typeof settings, choices: readonly string[], value: unknown): CoreError {
  const { section, key } = settings[name];
  const allowed = choices.map((choice) => JSON.stringify(choice)).join(' or ');
  return new CoreError('plan-invalid', `The setting ${section}.${key} is ${JSON.stringify(value)}.`, {
    hint: `Set it to ${allowed}.`,
  });
}
