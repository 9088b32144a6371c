// Tells how a lab is, as data and as text.
import { resolve } from 'node:path';
import { askStatus } from '../supervisor/client.ts';
import type { SupervisedMachine } from '../supervisor/protocol.ts';
import { type LabRecord, type MachineRecord, readLabRecord } from './record.ts';

export interface LabStatus {
  directory: string;
  /** `crashed` = lab.json is there and the supervisor does not answer; labUp and labDown clean it up. */
  state: 'up' | 'down' | 'crashed';
  /** Why the supervisor did not answer. */
  problem?: string;
  record?: LabRecord;
  machines: Array<{ record: MachineRecord; now?: SupervisedMachine }>;
}

/** Looks at the lab in a directory. Does not throw when there is none. */
export async function labStatus(options: { directory: string }): Promise<LabStatus> {
  const directory = resolve(options.directory);
  const record = readLabRecord(directory);
  if (record === undefined) return { directory, state: 'down', machines: [] };
  try {
    const { machines } = await askStatus(record.controlSocket);
    const merged = record.machines.map((machine) => {
      const now = machines.find((candidate) => candidate.name === machine.name);
      return now === undefined ? { record: machine } : { record: machine, now };
    });
    return { directory, state: 'up', record, machines: merged };
  } catch (error) {
    const machines = record.machines.map((machine) => ({ record: machine }));
    return { directory, state: 'crashed', problem: (error as Error).message, record, machines };
  }
}

function formatMachine({ record, now }: LabStatus['machines'][number]): string {
  const { bmc } = record;
  const mac = record.nics[0]?.mac ?? 'no NIC';
  const power = now === undefined ? 'power unknown' : `power ${now.power}, boot device ${now.bootDevice}`;
  const bmcState = now === undefined || now.bmc === 'running' ? '' : ` (${now.bmc})`;
  const faults = Object.entries(now?.faults ?? {}).filter(([, on]) => on);
  return [
    `${record.name}  ${record.firmware}, ${record.memoryMiB} MiB, ${mac}, ${power}`,
    `    BMC ${bmc.address}:${bmc.port}${bmcState}, user ${bmc.username}, password in ${bmc.passwordFile}`,
    ...(record.redfish === undefined
      ? []
      : [
          `    Redfish ${record.redfish.url} (${record.redfish.model}), certificate in ${record.redfish.certificateFile}`,
        ]),
    `    serial log ${record.serialLog}`,
    ...(faults.length === 0 ? [] : [`    faults: ${faults.map(([name]) => name).join(', ')}`]),
    ...(now?.lastError === undefined ? [] : [`    last error: ${now.lastError}`]),
  ].join('\n');
}

/** The text of `wrought lab status`. */
export function formatLabStatus(status: LabStatus): string {
  if (status.record === undefined) return `No lab in ${status.directory}.\n`;
  const { record } = status;
  const head = [
    `Lab in ${status.directory}: ${status.state}${status.problem === undefined ? '' : ` (${status.problem})`}`,
    `Network namespace ${record.namespace}, ${record.bridge} ${record.ipv4} ${record.ipv6}`,
    ...(record.switch === undefined
      ? []
      : [
          `Open vSwitch ${record.switch.bridge}, database ${record.switch.database}, switch_id ${record.switch.switchId}`,
        ]),
    `Acceleration ${record.accelerator} (${record.accelerationReason})`,
  ];
  return `${[...head, ...status.machines.map(formatMachine)].join('\n')}\n`;
}
