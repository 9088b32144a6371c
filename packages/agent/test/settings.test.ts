// The kernel command line and the settings read from it.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseBootInterface, parseKernelCommandLine } from '../src/kernel-command-line.ts';
import { readSettings } from '../src/settings.ts';

suite('the kernel command line', () => {
  test('names, values, quotes and repetition', () => {
    const parameters = parseKernelCommandLine(' quiet  a=1 b="x y" "c=p q" a=2 url=http://h/?k=v\n');
    assert.deepEqual(Object.fromEntries(parameters), { quiet: '', a: '2', b: 'x y', c: 'p q', url: 'http://h/?k=v' });
  });

  test('what is written is read', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,12}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9 =:/._-]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, value), (wanted) => {
        const text = Object.entries(wanted).map(([key, content]) => `${key}="${content}"`);
        assert.deepEqual(Object.fromEntries(parseKernelCommandLine(text.join(' '))), { ...wanted });
      }),
    );
  });

  test('BOOTIF in both forms', () => {
    assert.equal(parseBootInterface('01-52-54-00-AA-bb-cc'), '52:54:00:aa:bb:cc');
    assert.equal(parseBootInterface('52:54:00:aa:bb:cc'), '52:54:00:aa:bb:cc');
    assert.equal(parseBootInterface('eth0'), null);
    assert.equal(parseBootInterface(undefined), null);
  });

  test('settings, with arguments before the command line', () => {
    const settings = readSettings('ipa-api-url=http://192.0.2.1:6385/ ipa-debug=1 ipa-insecure ipa-listen-port=1', [
      'ipa-listen-port=12345',
    ]);
    assert.equal(settings.apiUrl, 'http://192.0.2.1:6385');
    assert.equal(settings.debug, true);
    assert.equal(settings.insecure, true);
    assert.equal(settings.collectLldp, false);
    assert.equal(settings.listenPort, 12345);
  });

  test('errors name the parameter', () => {
    assert.throws(() => readSettings('quiet', []), /ipa-api-url is missing/);
    assert.throws(() => readSettings('ipa-api-url=http://x ipa-lldp-timeout=soon', []), /ipa-lldp-timeout.*"soon"/);
  });
});
