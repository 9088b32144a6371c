// Whom a client trusts: nobody unknown by default; authorities by text, file and folder; a pinned certificate; anybody by name.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ConnectionError, createClient, type Trust } from '../src/index.ts';
import { makeCertificate } from './support/certificates.ts';
import { clientOf, type Handler, startService } from './support/service.ts';

const mine = makeCertificate();
const other = makeCertificate();
const table = { 'GET /redfish/v1/Systems/1': { Id: '1' } };

test('an unknown certificate is not trusted by default, and the request is not sent', async () => {
  await using service = await startService(table, mine);
  await using client = clientOf(service);
  await assert.rejects(client.get('/redfish/v1/Systems/1'), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.kind, 'tls');
    assert.equal(error.mayHaveHappened, false);
    assert.match(error.message, /TLS failed: .*self-signed.*which ones are trusted/);
    return true;
  });
  assert.deepEqual(service.asked, []);
});

test('a certificate is trusted as the caller says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-redfish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.pem'), mine.cert);
  writeFileSync(join(folder, 'README'), 'the authorities of our BMCs');
  await using service = await startService(table, mine);
  const trusted: readonly Trust[] = [
    { caPem: mine.cert },
    { caPath: join(folder, 'ca.pem') },
    { caPath: folder },
    { fingerprint: mine.fingerprint },
    { fingerprint: mine.fingerprint.replaceAll(':', '').toLowerCase() },
    'any-certificate',
  ];
  for (const trust of trusted) {
    await using client = clientOf(service, { tls: { trust } });
    assert.equal((await client.get('/redfish/v1/Systems/1')).id, '1', JSON.stringify(trust));
  }
  const untrusted: readonly Trust[] = [{ caPem: other.cert }, { fingerprint: other.fingerprint }];
  for (const trust of untrusted) {
    await using client = clientOf(service, { tls: { trust } });
    await assert.rejects(client.get('/redfish/v1/Systems/1'), { name: 'ConnectionError', kind: 'tls' });
  }
});

test('a file of authorities is read again when it changes, and its absence is told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-redfish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const caPath = join(folder, 'ca.pem');
  await using service = await startService(table, mine);
  await using client = clientOf(service, { tls: { trust: { caPath } } });
  await assert.rejects(client.get('/redfish/v1/Systems/1'), { code: 'ENOENT' });
  writeFileSync(caPath, 'no certificate');
  await assert.rejects(client.get('/redfish/v1/Systems/1'), /holds no certificate/);
  writeFileSync(caPath, mine.cert);
  assert.equal((await client.get('/redfish/v1/Systems/1')).id, '1');
});

test('versions of TLS that are too old are refused', async () => {
  await using service = await startService(table, { ...mine, maxVersion: 'TLSv1.2' } as typeof mine);
  await using strict = clientOf(service, { tls: { trust: 'any-certificate', minimumVersion: 'TLSv1.3' } });
  await assert.rejects(strict.get('/redfish/v1/Systems/1'), { name: 'ConnectionError', kind: 'tls' });
  await using usual = clientOf(service, { tls: { trust: 'any-certificate' } });
  assert.equal((await usual.get('/redfish/v1/Systems/1')).id, '1');
});

test('the next connection resumes the TLS session, also after garbage was collected', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const resumed: boolean[] = [];
  const answer: Handler = (_, response) => {
    resumed.push((response.socket as TLSSocket).isSessionReused());
    return { headers: { connection: 'close' }, body: { Id: '1' } };
  };
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    await using service = await startService({ 'GET /redfish/v1/Systems/1': answer }, {
      ...mine,
      maxVersion,
    } as typeof mine);
    await using client = clientOf(service, { tls: { trust: 'any-certificate' } });
    for (let request = 0; request < 3; request++) {
      await client.get('/redfish/v1/Systems/1');
      await nextTurn();
      collectGarbage();
    }
  }
  assert.deepEqual(resumed, [false, true, true, false, true, true]);
});

test('a fingerprint that is none is refused at once, and none is accepted without TLS', async () => {
  assert.throws(() => createClient({ url: 'bmc', tls: { trust: { fingerprint: 'ab:cd' } } }), RangeError);
  await using service = await startService(table);
  await using client = clientOf(service, { tls: { trust: { fingerprint: mine.fingerprint } } });
  await assert.rejects(client.get('/redfish/v1/Systems/1'), { name: 'ConnectionError', kind: 'tls' });
});
