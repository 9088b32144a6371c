// Keys of driver_info for screens: where a BMC shows one by VNC without telling so, and the password of that.
import { type Node, registeredError } from '@wrought/contract';
import { parseAddress } from '../../config/index.ts';
import { driverInfo } from '../kit/index.ts';

export const vncProperties = {
  redfish_vnc_address:
    'HOST:PORT at which the BMC speaks VNC, for redfish-graphical. Default: what the BMC tells of its graphical console.',
  redfish_vnc_password: 'Password of the VNC server of the BMC, of which VNC counts eight characters. Default: none.',
} as const;

export interface VncKeys {
  /** Null: the BMC tells. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly password: string | null;
}

/** @throws InvalidParameterValue */
export function readVnc(node: Node): VncKeys {
  const info = driverInfo(node);
  const given = info.text('redfish_vnc_address');
  const address = given === null ? undefined : parseAddress(given);
  if (given !== null && (address === undefined || address.port === 0)) {
    throw info.invalid('redfish_vnc_address', 'HOST:PORT, such as "192.0.2.10:5901" or "[2001:db8::10]:5901"');
  }
  const password = info.text('redfish_vnc_password');
  // The protocol encrypts with Latin-1; what is beyond it would be another password than what was meant.
  if (password !== null && Buffer.from(password, 'latin1').toString('latin1') !== password) {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/redfish_vnc_password of node ${node.uuid} has characters beyond Latin-1, which VNC has none of.`,
    });
  }
  return { address: address ?? null, password };
}
