// `make chaos`: the chaos harness at length. Usage: node scripts/chaos.ts [--nodes N] [--minutes N] [--seed N]
import { parseArgs } from 'node:util';
import { runChaos } from '../test/chaos/chaos.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

const { logs, ...report } = await runChaos({
  nodes: Number(values.nodes),
  seconds: Number(values.minutes) * 60,
  seed: Number(values.seed),
  apis: 2,
  conductors: 3,
  say: (line) => console.log(line),
});
console.log(JSON.stringify(report, null, 2));
if (report.violations.length > 0) {
  console.log(JSON.stringify(logs, null, 2));
  process.exitCode = 1;
}
