// Masking: no secret is left, nothing else is touched, and the quick look never misses one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSecretKey, maskInstanceSecrets, maskSecrets, mayHoldSecret, SECRET_MASK } from '../src/index.ts';

test('keys that look secret', () => {
  for (const key of [
    'password',
    'ipmi_password',
    'redfish_PASSWORD',
    'api_token',
    'secretx',
    'snmp_auth_key',
    'admin_pass',
  ]) {
    assert.ok(isSecretKey(key), key);
  }
  for (const key of ['address', 'ipmi_username', 'bypass', 'vendor_passthru', 'agent_url', 'key']) {
    assert.ok(!isSecretKey(key), key);
  }
});

test('secrets are masked at any depth, whatever they are', () => {
  const info = {
    password: 'x',
    a: { api_token: ['t'], b: 1 },
    list: [{ secret: { c: 'd' } }],
    empty: { password: null },
  };
  assert.deepEqual(maskSecrets(info), {
    password: SECRET_MASK,
    a: { api_token: SECRET_MASK, b: 1 },
    list: [{ secret: SECRET_MASK }],
    empty: { password: null },
  });
});

test('instance_info hides the image URL and the config drive, even as an object', () => {
  const masked = maskInstanceSecrets({
    image_url: 'http://u:p@h/i',
    configdrive: { user_data: 'x' },
    image_source: 's',
  });
  assert.deepEqual(masked, { image_url: SECRET_MASK, configdrive: SECRET_MASK, image_source: 's' });
});

test('the quick look over JSON text never misses a secret', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('password', 'x_TOKEN_y', 'image_url', 'configdrive', 'plain'));
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.array(tie('any')), fc.dictionary(key, tie('any'))),
  })).any;
  fc.assert(
    fc.property(value, (info) => {
      if (!mayHoldSecret(JSON.stringify(info))) {
        assert.equal(JSON.stringify(maskSecrets(info)), JSON.stringify(info));
      }
    }),
  );
});
