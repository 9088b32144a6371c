// `make check`: types, lint, arrows and dead code, side by side; prints what fails and ends with 1 then.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Check {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
}

const checks: readonly Check[] = [
  { name: 'types', program: process.execPath, arguments: ['node_modules/typescript7/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', program: 'node_modules/.bin/biome', arguments: ['check', '--error-on-warnings', '.'] },
  {
    name: 'arrows',
    program: process.execPath,
    arguments: [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      'packages/contract/src',
      'packages/ipmi/src',
      'packages/redfish/src',
      'packages/server/src',
      'packages/agent/src',
      'packages/lab/src',
      'packages/cli/src',
    ],
  },
  { name: 'dead code', program: process.execPath, arguments: ['node_modules/knip/bin/knip.js', '--no-progress'] },
];

function run(check: Check): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(check.program, check.arguments, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
      if (code !== 0) {
        console.log(output);
      }
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(checks.map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
