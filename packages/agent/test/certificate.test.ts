// The certificate that the agent makes itself, read by Node's own parser, and the encoding beneath it.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createCertificate } from '../src/certificate.ts';
import { integer, oid, time } from '../src/der.ts';

suite('the certificate', () => {
  for (const host of [
    '192.0.2.7',
    '2001:db8::7',
    '::1',
    'fe80::5054:ff:fe12:3456',
    '2001:db8:1:2:3:4:5:6',
    '::ffff:192.0.2.7',
  ]) {
    test(`for the address ${host}`, () => {
      const certificate = new X509Certificate(createCertificate(host).certificatePem);
      assert.ok(certificate.checkIP(host) !== undefined, certificate.subjectAltName ?? 'no names');
      assert.equal(certificate.checkIP('192.0.2.8'), undefined);
      assert.equal(certificate.subject, 'CN=wrought-agent');
    });
  }

  test('for a name, valid now, signed by itself, its own authority', () => {
    const certificate = new X509Certificate(createCertificate('agent.example').certificatePem);
    assert.equal(certificate.checkHost('agent.example'), 'agent.example');
    assert.ok(certificate.ca);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkIssued(certificate));
    assert.ok(certificate.validFromDate < new Date());
    assert.ok(certificate.validToDate.getTime() > Date.now() + 80 * 86_400_000);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  });

  test('two are never the same', () => {
    assert.notEqual(createCertificate('192.0.2.7').certificatePem, createCertificate('192.0.2.7').certificatePem);
  });
});

suite('DER', () => {
  test('known values of X.690 and RFC 5280', () => {
    assert.equal(oid('1.2.840.10045.4.3.2').toString('hex'), '06082a8648ce3d040302');
    assert.equal(integer(Buffer.from('0080', 'hex')).toString('hex'), '02020080');
    assert.equal(integer(Buffer.from('000000', 'hex')).toString('hex'), '020100');
    assert.equal(time(new Date('2049-12-31T23:59:59Z')).toString('latin1'), '\x17\x0d491231235959Z');
    assert.equal(time(new Date('2050-01-01T00:00:00Z')).toString('latin1'), '\x18\x0f20500101000000Z');
  });

  test('integers keep their value and are as short as they can be', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 160n }), (value) => {
        const hex = value.toString(16);
        const der = integer(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'));
        const content = der.subarray(2);
        assert.equal(der[1], content.length);
        assert.equal(BigInt(`0x${content.toString('hex')}`), value);
        assert.ok(((content[0] ?? 0) & 0x80) === 0);
        assert.ok(content.length === 1 || content[0] !== 0 || ((content[1] ?? 0) & 0x80) !== 0);
      }),
    );
  });
});
