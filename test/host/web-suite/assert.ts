/** As much of Node's strict assertions as the web suite uses. */

function fail(message: string): never {
  throw new Error(message);
}

function inspect(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

const assert = {
  ok(value: unknown, message = 'not true'): asserts value {
    if (value === false || value === null || value === undefined) fail(message);
  },
  equal(actual: unknown, expected: unknown, message = ''): void {
    if (!Object.is(actual, expected)) fail(`${message} ${inspect(actual)} is not ${inspect(expected)}`);
  },
  deepEqual(actual: unknown, expected: unknown, message = ''): void {
    if (inspect(actual) !== inspect(expected)) fail(`${message} ${inspect(actual)} is not ${inspect(expected)}`);
  },
  match(actual: string, expected: RegExp): void {
    if (!expected.test(actual)) fail(`${inspect(actual)} does not match ${String(expected)}`);
  },
  fail,
};

export default assert;
