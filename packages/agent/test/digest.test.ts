// Which digest an image must have, in the ways in which it can be told.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ImageInfo } from '@wrought/contract';
import { findChecksum, parseChecksum, settleDigest, startDigest, verifyDigest } from '../src/image/digest.ts';

const SHA256 = 'ab'.repeat(32);
const SHA512 = 'cd'.repeat(64);
const MD5 = 'ef'.repeat(16);
const IMAGE: ImageInfo = { id: 'i', urls: ['http://192.0.2.1/images/debian%2B12.qcow2?x=1'] };
const noFetch = (): Promise<string> => Promise.reject(new Error('nothing may be fetched'));

suite('digests', () => {
  test('checksums with and without their algorithm', () => {
    assert.deepEqual(parseChecksum(SHA256), { algorithm: 'sha256', value: SHA256 });
    assert.deepEqual(parseChecksum(`SHA512:${SHA512.toUpperCase()}`), { algorithm: 'sha512', value: SHA512 });
    assert.equal(parseChecksum(`sha256:${MD5}`), null);
    assert.equal(parseChecksum('hello'), null);
  });

  test('lists of checksums of GNU and BSD', () => {
    const gnu = `# comment\n${MD5}  other.img\n${SHA256} *./debian+12.qcow2\n`;
    const bsd = `SHA512 (debian+12.qcow2) = ${SHA512}\nSHA256 (other) = ${SHA256}\n`;
    assert.equal(findChecksum(gnu, 'debian+12.qcow2')?.value, SHA256);
    assert.equal(findChecksum(bsd, 'debian+12.qcow2')?.value, SHA512);
    assert.equal(findChecksum(`${SHA256}\n`, 'any')?.value, SHA256);
    assert.equal(findChecksum(gnu, 'absent'), null);
  });

  test('os_hash comes before checksum, and lists are fetched', async () => {
    const both = { ...IMAGE, os_hash_algo: 'sha512', os_hash_value: SHA512, checksum: MD5 };
    assert.equal((await settleDigest(both, false, noFetch)).value, SHA512);
    const listed = await settleDigest({ ...IMAGE, checksum: 'https://192.0.2.1/SUMS' }, false, async (url) => {
      assert.equal(url, 'https://192.0.2.1/SUMS');
      return `${SHA256}  debian+12.qcow2\n`;
    });
    assert.equal(listed.value, SHA256);
  });

  test('what is refused says why', async () => {
    await assert.rejects(settleDigest(IMAGE, false, noFetch), /no checksum was given/);
    await assert.rejects(settleDigest({ ...IMAGE, checksum: MD5 }, false, noFetch), /type md5 are not accepted/);
    assert.equal((await settleDigest({ ...IMAGE, checksum: MD5 }, true, noFetch)).algorithm, 'md5');
    await assert.rejects(settleDigest({ ...IMAGE, checksum: 'x' }, false, noFetch), /"x" is no checksum/);
    await assert.rejects(
      settleDigest({ ...IMAGE, checksum: 'http://192.0.2.1/SUMS' }, false, async () => `${SHA256} a\n${SHA256} b`),
      /no entry for debian\+12\.qcow2/,
    );
  });

  test('a mismatch names both digests and the URL', () => {
    const hash = startDigest({ algorithm: 'sha256', value: SHA256 }).update('content');
    const actual = 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73';
    assert.throws(() => verifyDigest(hash, { algorithm: 'sha256', value: SHA256 }, IMAGE, 'http://192.0.2.1/i'), {
      message: new RegExp(`http://192\\.0\\.2\\.1/i.*${SHA256}.*${actual}`),
    });
  });
});
