// What ipmi_sim asks of a machine in words, answered in words (the forms of ipmi_sim_chassiscontrol and _lancontrol).
import type { LabRecord, MachineRecord } from '../lab/record.ts';
import { type BootDevice, bootDevices } from '../machine/boot-order.ts';
import type { Machine } from '../machine/machine.ts';

// ipmi_sim names IPMI's boot device 2, the hard disk, "default"; 0, no override, is "none".
const wordForBootDevice: Record<BootDevice, string> = {
  none: 'none',
  pxe: 'pxe',
  disk: 'default',
  cdrom: 'cdrom',
  bios: 'bios',
  // IPMI has no word for it.
  http: 'none',
};

function bootDeviceFromWord(word: string): BootDevice {
  const device = bootDevices.find((candidate) => wordForBootDevice[candidate] === word);
  if (device === undefined) throw new Error(`boot device "${word}" is unknown`);
  return device;
}

function setChassis(machine: Machine, name: string, value: string): void {
  if (name === 'power' && value === '1') machine.powerOn();
  else if (name === 'power' && value === '0') machine.powerOff();
  else if (name === 'reset') machine.reset();
  else if (name === 'shutdown') machine.softOff();
  else if (name === 'boot') machine.setBootDevice(bootDeviceFromWord(value));
  else if (name !== 'identify') throw new Error(`chassis control "${name} ${value}" is unknown`);
}

/** `get power|boot...` answers a line "name:value" each; `set NAME VALUE` does it and answers nothing. */
export function answerChassis(machine: Machine, words: string[]): string {
  const [operation, ...rest] = words;
  if (operation === 'set') {
    const [name, value] = rest;
    if (name === undefined || value === undefined) throw new Error(`"${words.join(' ')}" lacks a name or value`);
    setChassis(machine, name, value);
    return '';
  }
  if (operation !== 'get') throw new Error(`chassis operation "${operation}" is unknown`);
  const status = machine.status();
  return rest
    .map((name) => {
      if (name === 'power') return `power:${status.power === 'on' ? 1 : 0}\n`;
      if (name === 'boot') return `boot:${wordForBootDevice[status.bootDevice]}\n`;
      throw new Error(`chassis value "${name}" is unknown`);
    })
    .join('');
}

/** The BMC's LAN parameters, as `ipmitool lan print` shows them in band; they cannot be changed. */
export function answerLan(lab: LabRecord, machine: MachineRecord, words: string[]): string {
  const [operation, ...names] = words;
  if (operation !== 'get') throw new Error('the LAN settings of a lab BMC cannot be changed');
  const gateway = lab.ipv4.split('/')[0] ?? '0.0.0.0';
  const noMac = '00:00:00:00:00:00';
  const values: Record<string, string> = {
    ip_addr_src: 'static',
    ip_addr: machine.bmc.address,
    subnet_mask: '255.255.255.0',
    // A BMC's own MAC: the first NIC's with the group of the lab's NICs changed.
    mac_addr: (machine.nics[0]?.mac ?? noMac).replace(/^52:54:00/, '52:54:bb'),
    default_gw_ip_addr: gateway,
    default_gw_mac_addr: noMac,
    backup_gw_ip_addr: '0.0.0.0',
    backup_gw_mac_addr: noMac,
  };
  return names
    .map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`LAN parameter "${name}" is unknown`);
      return `${name}:${value}\n`;
    })
    .join('');
}
