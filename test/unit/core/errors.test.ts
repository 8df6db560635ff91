import assert from 'node:assert/strict';
import { describeError } from '../../../src/core/errors';

const systemError = (syscall: string): Error =>
  Object.assign(new Error(`EACCES: permission denied, ${syscall} '/w/data'`), {
    code: 'EACCES',
    syscall,
    path: '/w/data',
  });

describe('describeError', () => {
  it('P10: what the system does not let us look at is named, with its cause and what to do', () => {
    assert.deepEqual(describeError(systemError('scandir')), {
      code: 'unreadable',
      message: "/w/data cannot be reached: EACCES: permission denied, scandir '/w/data'.",
      path: '/w/data',
      hint: 'Check the permissions of the file and of the folders that lead to it, and its disk.',
    });
  });

  for (const [what, error] of [
    ['a system error of a call that changes something', systemError('rename')],
    ['any other error', new TypeError('x is not a function')],
    ['a bare string', 'out of memory'],
  ] as const)
    it(`is a defect of ours: ${what}`, () => assert.equal(describeError(error).code, 'internal'));
});
