// OpenIPMI's ipmi_sim on loopback: a BMC that others wrote, for one test.
import type { TestContext } from 'node:test';
import { type StandAloneBmc, type StandAloneBmcOptions, startStandAloneBmc } from '@wrought/lab';

export type SimulatorOptions = Pick<StandAloneBmcOptions, 'host' | 'bmcKey' | 'solPort'>;

export const guid = '0123456789abcdef0123456789abcdef';
const password = 'secret12';

/** An administrator, a user who may only read, and a controller at 0x30 behind the BMC. */
const content = {
  guid,
  users: [
    { id: 2, name: 'admin', password, privilege: 'admin' },
    { id: 3, name: 'reader', password, privilege: 'user' },
  ],
  emulated: { satellites: [{ address: 0x30, manufacturerId: 0x4242, productId: 0x1234 }] },
} as const;

/** Started when it answers a presence ping; ended with the test. */
export async function startSimulator(t: TestContext, options: SimulatorOptions = {}): Promise<StandAloneBmc> {
  const bmc = await startStandAloneBmc({ ...content, ...options });
  t.after(() => bmc.stop());
  return bmc;
}
