// The Redfish service of a machine of the lab, beside its IPMI BMC and with the same user and password.
import { readFileSync, writeFileSync } from 'node:fs';
import type { LabRecord } from '../lab/record.ts';
import type { Machine } from '../machine/machine.ts';
import { startRedfishSimulator } from '../redfish-simulator/simulator.ts';
import { labRedfishMachine } from './redfish-machine.ts';

export interface RedfishService {
  close(): Promise<void>;
}

const port = 443;
/** Where VNC is at home. */
const kvmPort = 5900;

/** Starts it, and writes its certificate into a file. Throws when its port is taken. */
export async function startRedfishService(
  lab: LabRecord,
  machine: Machine,
  log: (line: string) => void,
): Promise<RedfishService> {
  const { name, bmc, redfish } = machine.record;
  if (redfish === undefined) throw new Error(`machine ${name} has no Redfish service`);
  const simulator = await startRedfishSimulator({
    ...{ count: 1, model: redfish.model, namePrefix: name, places: { address: bmc.address, port }, kvmPort, log },
    users: [{ name: bmc.username, password: readFileSync(bmc.passwordFile, 'utf8').trim(), role: 'Administrator' }],
    machine: () => labRedfishMachine(lab, machine, log),
  });
  const [service] = simulator.bmcs;
  if (service !== undefined) writeFileSync(redfish.certificateFile, simulator.certificateOf(service));
  return simulator;
}
