// A process of simulated BMCs for benchmarks: what they cost is not counted with who asks them.
import { startBmcSimulator } from '@wrought/lab';

const [count = '0', silentShare = '0'] = process.argv.slice(2);

const simulator = await startBmcSimulator({
  count: Number(count),
  places: { address: '127.64.0.1', port: 6230, next: 'address' },
  seed: 1,
  faults: { silent: Number(silentShare) },
});

process.on('message', (power: 'on' | 'off') => {
  for (const { chassis } of simulator.bmcs) chassis.setPower(power);
});
process.on('disconnect', () => simulator.close());
process.send?.(simulator.bmcs.map(({ address, fault }) => ({ address, isSilent: fault !== undefined })));
