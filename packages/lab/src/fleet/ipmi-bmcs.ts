// Real IPMI BMCs for the machines of a fleet: a chassis command switches the machine, and a machine that switches itself off is off.
import type { BootWish } from '../bmc-simulator/boot-options.ts';
import type { BmcFaultShares } from '../bmc-simulator/faults.ts';
import { type BmcSimulator, startBmcSimulator } from '../bmc-simulator/simulator.ts';
import { type FleetBmcs, fleetBmcUser } from './bmcs.ts';
import type { FleetMachine } from './machine.ts';

export interface FleetIpmiOptions {
  readonly faults?: BmcFaultShares;
  readonly faultRate?: number;
}

/** A machine boots from its disk, unless its BMC was told otherwise. */
const targetOf = (wish: BootWish | undefined) => (wish?.device === 'PXE' ? 'ramdisk' : 'disk');

/** Starts a BMC for each machine, in their order, each at a loopback port of its own. */
export async function startFleetBmcs(
  machines: readonly FleetMachine[],
  seed: number,
  options: FleetIpmiOptions,
): Promise<FleetBmcs & { readonly simulator: BmcSimulator }> {
  const simulator = await startBmcSimulator({
    count: machines.length,
    seed,
    users: [{ id: 2, ...fleetBmcUser, privilege: 'administrator' }],
    ...options,
  });
  for (const [index, machine] of machines.entries()) {
    simulator.bmcs[index]?.chassis.onChange((change) => {
      if (change.what === 'reset') {
        machine.setBoot(targetOf(change.boot), null);
        machine.setPower('power off', null);
        machine.setPower('power on', null);
      } else if (change.what === 'power' && change.power === 'on') {
        machine.setBoot(targetOf(change.boot), null);
        machine.setPower('power on', null);
      } else if (change.what === 'power') {
        machine.setPower('power off', null);
      }
    });
  }
  return {
    simulator,
    driverOf(index) {
      const bmc = simulator.bmcs[index];
      return {
        driver: 'ipmi',
        driver_info: {
          ipmi_address: bmc?.address,
          ipmi_port: bmc?.port,
          ipmi_username: fleetBmcUser.name,
          ipmi_password: fleetBmcUser.password,
        },
      };
    },
    sawPowerOff: (index) => simulator.bmcs[index]?.chassis.setPower('off'),
    counts: () => ({ requests: simulator.counts.requests, faults: simulator.counts.faults }),
    close: () => simulator.close(),
  };
}
