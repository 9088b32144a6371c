// The registry of errors: every sentence can be filled, and carries its status.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ErrorName, errors, isRegisteredError, RegisteredError, registeredError } from '../src/index.ts';

const names = Object.keys(errors) as ErrorName[];

test('every error has a status of HTTP that means an error', () => {
  for (const name of names) {
    assert.ok(errors[name].status >= 400 && errors[name].status < 600, name);
  }
});

test('templates are sentences', () => {
  for (const name of names) {
    const { template } = errors[name];
    assert.ok(template === '{reason}' || /^[A-Z{]/.test(template), name);
    assert.match(template, /[.}]$/, name);
    assert.equal(template.replace(/\{\w+\}/g, '').includes('{'), false, name);
  }
});

test('a filled sentence holds its values and no placeholder', () => {
  // Values without braces of their own, so that a placeholder that was left over shows.
  const value = fc.string({ minLength: 1 }).map((text) => `<${text.replace(/[{}\s]/g, '-')}>`);
  fc.assert(
    fc.property(value, value, (locked, purpose) => {
      const error = registeredError('NodeLocked', { node: locked, host: 'host-1', age: 12, purpose });
      assert.ok(error.message.includes(`Node ${locked} is locked by host host-1, 12 s ago, for "${purpose}".`));
      assert.doesNotMatch(error.message, /\{\w+\}/);
    }),
  );
});

test('a value that looks like a placeholder or a replacement pattern stays as it is', () => {
  const error = registeredError('NodeNotFound', { node: '{node} $& $1' });
  assert.equal(error.message, 'Node {node} $& $1 could not be found.');
});

test('an error knows its name, status and when to try again', () => {
  const error = registeredError('NodeLocked', { node: 'n', host: 'h', age: 1, purpose: 'p' }, { retryAfterSeconds: 3 });
  assert.ok(error instanceof RegisteredError && error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.status, error.retryAfterSeconds],
    ['NodeLocked', 'NodeLocked', 409, 3],
  );
  assert.equal(registeredError('NodeNotFound', { node: 'n' }).retryAfterSeconds, undefined);
});

test('errors of the registry are told from others', () => {
  const error = registeredError('NodeNotFound', { node: 'n' });
  assert.ok(isRegisteredError(error));
  assert.ok(isRegisteredError(error, 'NodeNotFound'));
  assert.equal(isRegisteredError(error, 'PortNotFound'), false);
  assert.equal(isRegisteredError(new Error('NodeNotFound')), false);
  assert.equal(isRegisteredError(undefined), false);
});
