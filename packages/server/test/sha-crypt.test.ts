// Hashes of rescue passwords, against those that glibc and OpenSSL make of the same password and salt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shaCrypt } from '../src/flows/sha-crypt.ts';

test('the hashes are those that other implementations make', () => {
  assert.equal(
    shaCrypt('Hello world!', 'sha256', 'saltstring'),
    '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
  );
  assert.equal(
    shaCrypt('Hello world!', 'sha512', 'saltstring'),
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  );
});

test('every hash has a salt of its own', () => {
  const hashes = new Set(Array.from({ length: 5 }, () => shaCrypt('secret', 'sha256')));
  assert.equal(hashes.size, 5);
  for (const hash of hashes) {
    assert.match(hash, /^\$5\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{43}$/);
    assert.equal(shaCrypt('secret', 'sha256', hash.split('$')[2] ?? ''), hash);
  }
});
