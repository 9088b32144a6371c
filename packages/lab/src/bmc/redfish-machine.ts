// A machine of the lab as a Redfish service sees it: power, what it boots from, and images that are downloaded into its virtual drives.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { machinePaths } from '../lab/paths.ts';
import type { LabRecord } from '../lab/record.ts';
import type { BootDevice } from '../machine/boot-order.ts';
import type { Machine } from '../machine/machine.ts';
import type {
  BootChoice,
  InsertedMedia,
  MachineEvent,
  PowerChange,
  RedfishMachine,
} from '../redfish-simulator/machine/machine.ts';

const timeoutMilliseconds = 20_000;

const deviceByTarget: Readonly<Record<string, BootDevice>> = {
  Pxe: 'pxe',
  Hdd: 'disk',
  Cd: 'cdrom',
  Usb: 'cdrom',
  UsbCd: 'cdrom',
  BiosSetup: 'bios',
  UefiHttp: 'http',
};

/** Downloads into a file, whatever certificate the server shows, as BMCs do. Throws an Error that says why it can not be had. */
async function download(url: string, file: string, { userName, password }: InsertedMedia): Promise<void> {
  if (!/^https?:/i.test(url))
    throw new Error(`${url} is no URL of HTTP or HTTPS; the machines of the lab read no others`);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const auth = userName === undefined ? {} : { auth: `${userName}:${password ?? ''}` };
    const options = { ...auth, agent: false as const, timeout: timeoutMilliseconds };
    const request = url.startsWith('https:')
      ? getHttps(url, { ...options, rejectUnauthorized: false })
      : getHttp(url, options);
    request.on('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.on('error', (error) => reject(new Error(`${url}: ${error.message}`)));
    request.on('response', resolve);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`${url} answers ${response.statusCode}`);
  }
  await pipeline(response, createWriteStream(file));
}

/** What a machine of the lab is to a Redfish service. */
export function labRedfishMachine(lab: LabRecord, machine: Machine, log: (line: string) => void): RedfishMachine {
  const { record } = machine;
  const files = machinePaths(lab.directory, record.name);

  async function insert(drive: string, medium: InsertedMedia): Promise<void> {
    const file = files.medium(drive);
    await machine.setMedium(drive, undefined);
    await download(medium.image, file, medium);
    await machine.setMedium(drive, file);
    log(`machine ${record.name}: ${medium.image} is in drive ${drive}`);
  }

  /** Its firmware is told of a URI by its variables, which are written while it is off. */
  let bootsUri = false;
  let listener: ((event: MachineEvent) => void) | undefined;
  machine.listen((event) => listener?.(event));

  return {
    get power() {
      return machine.status().power === 'on' ? 'On' : 'Off';
    },
    uuid: record.uuid,
    serialNumber: record.serialNumber,
    macs: record.nics.map(({ mac }) => mac),
    change(change: PowerChange) {
      const isOn = machine.status().power === 'on';
      switch (change) {
        case 'on':
          machine.powerOn();
          break;
        case 'off':
          machine.powerOff();
          break;
        case 'cycle':
          machine.powerOff();
          machine.powerOn();
          break;
        case 'soft off':
          if (isOn) machine.softOff();
          break;
        case 'button':
          if (isOn) machine.softOff();
          else machine.powerOn();
          break;
        case 'restart':
        case 'soft restart':
          if (isOn && !bootsUri) {
            machine.reset();
            break;
          }
          machine.powerOff();
          machine.powerOn();
          break;
        case 'interrupt':
          machine.interrupt();
          break;
      }
    },
    prepareBoot(choice: BootChoice | undefined) {
      const device = choice === undefined ? 'none' : (deviceByTarget[choice.target] ?? 'none');
      machine.setBootDevice(device);
      // Without a URI firmware takes the one that DHCP tells it.
      const uri = device === 'http' ? (choice?.httpBootUri ?? '') : undefined;
      if (uri !== undefined && record.firmware === 'bios') log(`machine ${record.name}: BIOS boots from no URI`);
      else machine.setBootUri(uri);
      bootsUri = uri !== undefined && record.firmware === 'uefi';
    },
    insert,
    async eject(drive: string) {
      await machine.setMedium(drive, undefined);
      await rm(files.medium(drive), { force: true });
    },
    async openScreen() {
      const { host, port } = record.vnc;
      const socket = connect({ host, port, noDelay: true });
      await once(socket, 'connect');
      return socket;
    },
    listen(given) {
      listener = given;
    },
  };
}
