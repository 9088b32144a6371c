// A process of simulated Redfish services for benchmarks: what they cost is not counted with who asks them.
import { FakeMachine, startRedfishSimulator } from '@wrought/lab';

const [count = '0', faults = '{}', number = '0'] = process.argv.slice(2);

const simulator = await startRedfishSimulator({
  count: Number(count),
  places: { address: `127.${80 + Number(number)}.0.1`, port: 8443, next: 'address' },
  seed: 1,
  faults: JSON.parse(faults),
  faultRate: 1,
  // Connections are kept from one round to the next.
  keepAliveSeconds: 600,
});

process.on('message', (power: 'on' | 'off') => {
  for (const { machine } of simulator.bmcs) {
    if (machine instanceof FakeMachine) machine.setPower(power === 'on' ? 'On' : 'Off');
  }
});
process.on('disconnect', () => simulator.close());
process.send?.(simulator.bmcs.map(({ url, fault }) => ({ address: url, fault: fault?.name ?? null })));
