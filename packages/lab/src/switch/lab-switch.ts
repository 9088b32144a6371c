// The Open vSwitch of a lab: every NIC is a port of it, and so is the device that the server lives at.
import type { LabRecord, SwitchRecord } from '../lab/record.ts';
import { addressLines, bridgeName, configureDevices } from '../network/namespace.ts';
import { run } from '../process/run.ts';
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

const directoryOf = (plan: SwitchRecord) => plan.database.slice('unix:'.length, -'/db.sock'.length);

/** Starts it in the lab's namespace, where it ends with whatever else runs there. It tells each NIC by LLDP where that is plugged in. */
export async function startLabSwitch(record: LabRecord, plan: SwitchRecord): Promise<void> {
  const { bridge, serverVlan, idleVlan } = plan;
  const { vsctl } = await startOpenvswitch({ directory: directoryOf(plan), namespace: record.namespace });
  const port = (name: string, vlan: number) => ['--', 'add-port', bridge, name, `tag=${vlan}`, 'vlan_mode=access'];
  const taps = record.machines.flatMap(({ nics }) => nics.map(({ tap }) => tap));
  // As the chassis it names the address of the port's own device.
  const named = taps.map((tap) => `link set ${tap} address ${plan.switchId}`);
  await configureDevices(record.namespace, named);
  await vsctl(
    ...['add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev'],
    ...[`other_config:hwaddr="${plan.switchId}"`],
    ...[...port(bridgeName, serverVlan), '--', 'set', 'interface', bridgeName, 'type=internal'],
    ...taps.flatMap((tap) => [...port(tap, idleVlan), '--', 'set', 'interface', tap, 'lldp:enable=true']),
  );
  await configureDevices(record.namespace, addressLines(record));
}

/** What Open vSwitch says of the LACP of a group (lacp/show of ovs-vswitchd(8)). */
export async function showLacp(plan: SwitchRecord, group: string): Promise<string> {
  const { stdout } = await run('ovs-appctl', [`--target=${directoryOf(plan)}/ovs-vswitchd.ctl`, 'lacp/show', group]);
  return stdout;
}
