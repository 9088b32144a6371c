// A process of fleet machines for benchmarks, whose BMCs speak HTTP: what they cost is not counted with who asks them.
import { startFleet } from '@wrought/lab';

const [count = '0', given = '{}'] = process.argv.slice(2);
const faults = JSON.parse(given);

const fleet = await startFleet({ machines: Number(count), seed: 1, apis: [], faults });

process.on('message', (power: 'on' | 'off') => {
  for (const machine of fleet.machines) machine.setPower(`power ${power}`, null);
});
process.on('disconnect', () => fleet.close());
process.send?.(fleet.machines.map((machine) => ({ address: fleet.addressOf(machine), fault: machine.fault(faults) })));
