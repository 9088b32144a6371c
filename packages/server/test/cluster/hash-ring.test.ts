// The ring gives every key one owner, shares them out, and moves only what has to move.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashRing } from '../../src/cluster/hash-ring.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });
const keys = fc.array(fc.uuid(), { minLength: 1, maxLength: 50 });

test('every key belongs to a member, whatever the order of members', () => {
  fc.assert(
    fc.property(names, keys, (members, all) => {
      const ring = hashRing(members);
      const reversed = hashRing(members.toReversed());
      for (const key of all) {
        const owner = ring.ownerOf(key);
        assert.ok(owner !== undefined && members.includes(owner));
        assert.equal(reversed.ownerOf(key), owner);
      }
    }),
  );
});

test('a member that goes leaves all other keys where they were', () => {
  fc.assert(
    fc.property(names, keys, (members, all) => {
      const [gone, ...rest] = members;
      const before = hashRing(members);
      const after = hashRing(rest);
      for (const key of all) {
        if (before.ownerOf(key) !== gone) {
          assert.equal(after.ownerOf(key), before.ownerOf(key));
        }
      }
    }),
  );
});

test('a ring without members owns nothing', () => {
  assert.equal(hashRing([]).ownerOf(randomUUID()), undefined);
});

test('members have like shares', () => {
  const members = Array.from({ length: 5 }, (_, index) => `conductor-${index}.example.org`);
  const ring = hashRing(members);
  const total = 20_000;
  const shares = Object.groupBy(
    Array.from({ length: total }, (_, index) =>
      ring.ownerOf(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
    ),
    (owner) => owner ?? '',
  );
  for (const member of members) {
    const share = (shares[member]?.length ?? 0) / (total / members.length);
    assert.ok(share > 0.6 && share < 1.5, `${member} has ${share} of an even share`);
  }
});
