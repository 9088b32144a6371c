// A process of simulated BMCs for benchmarks: what they cost is not counted with who asks them.
import { startBmcSimulator } from '@wrought/lab';

const [count = '0', faults = '{}'] = process.argv.slice(2);

const simulator = await startBmcSimulator({
  count: Number(count),
  places: { address: '127.64.0.1', port: 6230, next: 'address' },
  seed: 1,
  faults: JSON.parse(faults),
  faultRate: 1,
});

process.on('message', (power: 'on' | 'off') => {
  for (const { chassis } of simulator.bmcs) chassis.setPower(power);
});
process.on('disconnect', () => simulator.close());
process.send?.(simulator.bmcs.map(({ address, fault }) => ({ address, fault: fault?.name ?? null })));
