// `make bench`: every benchmark, one after the other; PEER=1 runs Debian's Ironic beside Wrought.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'dist/bench');
const shared = process.env.PEER === '1' ? ['--peer'] : [];

mkdirSync(directory, { recursive: true });
for (const name of ['start', 'api']) {
  const output = join(directory, `${name}.json`);
  const args = [join(root, 'bench', `${name}.ts`), ...shared, '--output', output];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    console.error(`bench/${name}.ts ended with ${code}`);
    process.exit(1);
  }
  console.log(`\nAll rounds are in dist/bench/${name}.json.\n`);
}
