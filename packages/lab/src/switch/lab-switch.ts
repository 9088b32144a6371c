// The Open vSwitch of a lab: every NIC is a port of it, and so is the device that the server lives at.
import type { LabRecord, SwitchRecord } from '../lab/record.ts';
import { addressLines, bridgeName, configureDevices } from '../network/namespace.ts';
import { startOpenvswitch } from './openvswitch.ts';

const SWITCH_ID = '52:54:00:ff:ff:02';
const SERVER_VLAN = 100;
const IDLE_VLAN = 4000;

/** What a lab whose switch keeps its files in this directory has. */
export function planSwitch(directory: string): SwitchRecord {
  return {
    type: 'openvswitch',
    database: `unix:${directory}/db.sock`,
    bridge: 'sw0',
    switchId: SWITCH_ID,
    serverVlan: SERVER_VLAN,
    idleVlan: IDLE_VLAN,
  };
}

/** Starts it in the lab's namespace, where it ends with whatever else runs there. */
export async function startLabSwitch(record: LabRecord, plan: SwitchRecord): Promise<void> {
  const { bridge, serverVlan, idleVlan } = plan;
  const directory = plan.database.slice('unix:'.length, -'/db.sock'.length);
  const { vsctl } = await startOpenvswitch({ directory, namespace: record.namespace });
  const port = (name: string, vlan: number) => ['--', 'add-port', bridge, name, `tag=${vlan}`, 'vlan_mode=access'];
  await vsctl(
    ...['add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev'],
    ...[`other_config:hwaddr="${plan.switchId}"`],
    ...[...port(bridgeName, serverVlan), '--', 'set', 'interface', bridgeName, 'type=internal'],
    ...record.machines.flatMap(({ nics }) => nics.flatMap(({ tap }) => port(tap, idleVlan))),
  );
  await configureDevices(record.namespace, addressLines(record));
}
