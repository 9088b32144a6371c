// Where the screen of a system is shown over the Remote Framebuffer Protocol (VNC), by what a BMC tells of its KVM-IP service.
import type { CallOptions, Client } from '../client.ts';
import { MissingError } from '../errors.ts';
import { readDellVnc } from '../oem/dell.ts';
import type { Resource } from '../resource.ts';
import { managersOf, readManager, readNetworkProtocol } from './manager.ts';

/** Where RFB is spoken: at a TCP port of the BMC, or over a WebSocket of the service. */
export type ScreenPlace = { readonly port: number } | { readonly webSocketPath: string };

export interface GraphicalConsole {
  /** Undefined: the BMC tells of no place; its KVM may be a page of its own. */
  readonly place: ScreenPlace | undefined;
  /** False: the BMC says that it is switched off. */
  readonly isEnabled: boolean;
  /** What the BMC says it is switched by, where it says that it is off. */
  readonly switchedBy: string | undefined;
}

const KVM = 'KVMIP';
/** Where bmcweb of OpenBMC carries the RFB of its KVM (bmcweb, `/kvm/0`). */
const OPENBMC_PATH = '/kvm/0';

const isOpenBmc = (manager: Resource): boolean =>
  /openbmc/i.test(manager.text('Model') ?? '') ||
  manager.oem('OpenBmc') !== undefined ||
  manager.oem('OpenBMC') !== undefined;

/** ManagerNetworkProtocol, KVMIP; undefined where the BMC has no such thing. */
async function readKvm(client: Client, manager: Resource, options: CallOptions) {
  if (manager.link('NetworkProtocol') === undefined) return undefined;
  try {
    return (await readNetworkProtocol(client, manager, options)).services.find(({ name }) => name === KVM);
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return undefined;
  }
}

/**
 * Finds it: Dell's own VNC server, ComputerSystem.GraphicalConsole (schema v1.13 on) or ManagerNetworkProtocol.KVMIP with a
 * port, or the WebSocket of OpenBMC.
 *
 * @throws UnsupportedError when the BMC does not tell which manager the system has.
 */
export async function findGraphicalConsole(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<GraphicalConsole> {
  const [manager] = await managersOf(client, system, options);
  const found = (isEnabled: boolean, place?: ScreenPlace, switchedBy?: string): GraphicalConsole => ({
    place,
    isEnabled,
    switchedBy: isEnabled ? undefined : switchedBy,
  });
  if (manager === undefined) return found(true);
  const dell = await readDellVnc(client, manager, options);
  if (dell !== undefined)
    return found(dell.isEnabled, { port: dell.port }, 'the attribute VNCServer.1.Enable of the iDRAC');
  const ofSystem = system.object('GraphicalConsole');
  const { graphicalConsole } = readManager(manager);
  const kvm = await readKvm(client, manager, options);
  const isOff = ofSystem?.boolean('ServiceEnabled') === false || graphicalConsole?.isEnabled === false;
  const port = ofSystem?.number('Port') ?? kvm?.port;
  const place = port !== undefined ? { port } : isOpenBmc(manager) ? { webSocketPath: OPENBMC_PATH } : undefined;
  if (kvm?.isEnabled === false) return found(false, place, `${KVM}.ProtocolEnabled of its ManagerNetworkProtocol`);
  return found(!isOff, place, 'ServiceEnabled of its GraphicalConsole');
}
