// The pages of docs/reference are what their generator writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stalePages } from '../scripts/reference.ts';

test('the reference is up to date', async () => {
  assert.deepEqual(await stalePages(), [], 'run `node scripts/reference.ts` with the Node.js of the project');
});
