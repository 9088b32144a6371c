// Real Redfish services for the machines of a fleet: a reset switches the machine, and what it is to boot from decides whether the agent comes up.
import type { RedfishFaultShares } from '../redfish-simulator/faults.ts';
import type {
  BootChoice,
  InsertedMedia,
  MachineEvent,
  PowerChange,
  RedfishMachine,
} from '../redfish-simulator/machine/machine.ts';
import type { ModelName } from '../redfish-simulator/models/model.ts';
import { type RedfishSimulator, startRedfishSimulator } from '../redfish-simulator/simulator.ts';
import { type FleetBmcs, fleetBmcUser } from './bmcs.ts';
import type { FleetMachine } from './machine.ts';

export interface FleetRedfishOptions {
  /** "generic" when absent. */
  readonly model?: ModelName;
  /** "https" when absent. */
  readonly scheme?: 'http' | 'https';
  readonly faults?: RedfishFaultShares;
  readonly faultRate?: number;
}

const fromNetwork = ['Pxe', 'UefiHttp'];
const fromDrive = ['Cd', 'UsbCd', 'Usb'];

/** A machine of a fleet as its Redfish service sees it. */
class FleetRedfishMachine implements RedfishMachine {
  readonly #machine: FleetMachine;
  readonly #media = new Set<string>();
  #next: BootChoice | undefined;
  #listener: ((event: MachineEvent) => void) | undefined;

  constructor(machine: FleetMachine) {
    this.#machine = machine;
  }

  get power() {
    return this.#machine.power === 'power on' ? 'On' : 'Off';
  }

  get macs() {
    return [this.#machine.mac];
  }

  change(change: PowerChange): void {
    const isOn = this.power === 'On';
    if (change === 'off' || change === 'soft off' || (change === 'button' && isOn)) {
      this.#switch('power off');
    } else if (change === 'on' || change === 'button') {
      this.#switch('power on');
    } else if (change !== 'interrupt') {
      this.#switch('power off');
      this.#switch('power on');
    }
  }

  /** It switched itself off. */
  sawPowerOff(): void {
    this.#listener?.('power off');
  }

  prepareBoot(choice: BootChoice | undefined): void {
    this.#next = choice;
  }

  insert(drive: string, _: InsertedMedia): void {
    this.#media.add(drive);
  }

  eject(drive: string): void {
    this.#media.delete(drive);
  }

  listen(listener: (event: MachineEvent) => void): void {
    this.#listener = listener;
  }

  #switch(power: 'power on' | 'power off'): void {
    if (power === this.#machine.power) return;
    if (power === 'power on') this.#machine.setBoot(this.#bootsFrom, null);
    // Switching off is told by the machine itself.
    this.#machine.setPower(power, null);
    if (power === 'power on') {
      this.#listener?.('power on');
      this.#listener?.('boot');
    }
  }

  /** The ramdisk is what comes over the network, and what is in a virtual drive. */
  get #bootsFrom() {
    const target = this.#next?.target ?? 'None';
    return fromNetwork.includes(target) || (fromDrive.includes(target) && this.#media.size > 0) ? 'ramdisk' : 'disk';
  }
}

/** Starts a service for each machine, in their order, each at a loopback port of its own. */
export async function startFleetRedfish(
  machines: readonly FleetMachine[],
  seed: number,
  options: FleetRedfishOptions,
): Promise<FleetBmcs & { readonly simulator: RedfishSimulator }> {
  const wrapped = machines.map((machine) => new FleetRedfishMachine(machine));
  const simulator = await startRedfishSimulator({
    count: machines.length,
    seed,
    users: [{ ...fleetBmcUser, role: 'Administrator' }],
    machine: (index) => wrapped[index] as FleetRedfishMachine,
    ...options,
  });
  return {
    simulator,
    driverOf(index) {
      const bmc = simulator.bmcs[index];
      return {
        driver: 'redfish',
        driver_info: {
          redfish_address: bmc?.url,
          redfish_system_id: `/redfish/v1/Systems/${bmc?.model.ids.system}`,
          redfish_username: fleetBmcUser.name,
          redfish_password: fleetBmcUser.password,
          // They show certificates of their own.
          redfish_verify_ca: false,
        },
      };
    },
    sawPowerOff: (index) => wrapped[index]?.sawPowerOff(),
    counts: () => ({ requests: simulator.counts.requests, faults: simulator.counts.faults }),
    close: () => simulator.close(),
  };
}
