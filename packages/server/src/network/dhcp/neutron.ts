// DHCP by Neutron: what a machine boots is told as options of the port that it is bound to (extension extra_dhcp_opt).
import type { TaskLog } from '../../drivers/kit/index.ts';
import type { Cloud } from '../../openstack/cloud.ts';
import type { ExtraDhcpOption, Neutron, NeutronPort } from '../../openstack/neutron.ts';
import type { BootOffer, DhcpProvider } from './provider.ts';

/** Codes of DHCP options (RFC 2132, RFC 5859, RFC 5970) and the name for "next server" of the header. */
const TFTP_SERVER_NAME = '66';
const BOOT_FILE = '67';
const TFTP_SERVER_ADDRESS = '150';
const SERVER_ADDRESS = 'server-ip-address';
const BOOT_FILE_URL_V6 = '59';

/** Vendor classes, with which an answer says that it is for a firmware that boots over HTTP (UEFI 2.10 section 24.7). */
const VENDOR_CLASS = '60';
const VENDOR_CLASS_V6 = '16';
const HTTP_CLIENT = 'HTTPClient';
/** RFC 8415 section 21.16: the number of an enterprise (343, as the firmware itself says), then the length of the text, then the text. */
const HTTP_CLIENT_V6 = Buffer.concat([Buffer.from('00000157000a', 'hex'), Buffer.from(HTTP_CLIENT)])
  .toString('hex')
  .replace(/(..)(?=.)/g, '$1:');

type Options = readonly (readonly [name: string, value: string, version: 4 | 6])[];

/** Tags of clients: iPXE, which Neutron's DHCP agent marks by itself, and firmware that boots over HTTP, which its operator has it mark. */
const tagsOf = (version: 4 | 6) =>
  version === 4 ? { ipxe: 'ipxe', http: 'efihttp' } : { ipxe: 'ipxe6', http: 'efihttp6' };

function fileOptions(offer: BootOffer, version: 4 | 6): Options {
  const { ipxeScriptUrl, tftpServer, bootMode, biosBootFile, uefiBootFile, uefiHttpUrl } = offer;
  const [option, vendorClass] = version === 4 ? [BOOT_FILE, VENDOR_CLASS] : [BOOT_FILE_URL_V6, VENDOR_CLASS_V6];
  const file = bootMode === 'uefi' ? uefiBootFile : biosBootFile;
  const urlHost = tftpServer.includes(':') ? `[${tftpServer}]` : tftpServer;
  const { ipxe, http } = tagsOf(version);
  const notIpxe = ipxeScriptUrl === null ? '' : `tag:!${ipxe},`;
  const overHttp = bootMode === 'uefi' ? uefiHttpUrl : null;
  const notHttp = overHttp === null ? '' : `tag:!${http},`;
  return [
    [`${notIpxe}${notHttp}${option}`, version === 4 ? file : `tftp://${urlHost}/${file}`, version],
    ...(ipxeScriptUrl === null ? [] : [[`tag:${ipxe},${option}`, ipxeScriptUrl, version] as const]),
    ...(overHttp === null
      ? []
      : [
          [`${notIpxe}tag:${http},${option}`, overHttp, version] as const,
          [`tag:${http},${vendorClass}`, version === 4 ? HTTP_CLIENT : HTTP_CLIENT_V6, version] as const,
        ]),
  ];
}

/** What is told to the machine, by what its firmware says of itself when it asks. */
export function dhcpOptions(offer: BootOffer): Options {
  const { tftpServer } = offer;
  return [
    ...fileOptions(offer, 4),
    ...fileOptions(offer, 6),
    [TFTP_SERVER_NAME, tftpServer, 4],
    [TFTP_SERVER_ADDRESS, tftpServer, 4],
    [SERVER_ADDRESS, tftpServer, 4],
  ];
}

const OURS = new RegExp(
  `^((tag:!?(ipxe|efihttp)6?,)*(${BOOT_FILE}|${BOOT_FILE_URL_V6})|tag:efihttp6?,(${VENDOR_CLASS}|${VENDOR_CLASS_V6})|` +
    `${TFTP_SERVER_NAME}|${TFTP_SERVER_ADDRESS}|${SERVER_ADDRESS})$`,
);

/** Ports with this MAC that are bound to a host: only administrators bind ports, so a tenant's with the same MAC is none of them. */
async function boundPorts(neutron: Neutron, address: string): Promise<readonly NeutronPort[]> {
  const found = await neutron.ports({ mac_address: address });
  return found.filter((port) => (port['binding:host_id'] ?? '') !== '');
}

/** What takes our options back; others, such as the client identifier, stay. */
function removals({ extra_dhcp_opts = [] }: NeutronPort): ExtraDhcpOption[] {
  return extra_dhcp_opts
    .filter(({ opt_name }) => OURS.test(opt_name))
    .map(({ opt_name, ip_version = 4 }) => ({ opt_name, ip_version, opt_value: null }));
}

const keyOf = ({ opt_name, ip_version = 4 }: ExtraDhcpOption) => `${ip_version} ${opt_name}`;

/** Makes the provider. */
export function neutronDhcp(cloud: Cloud, log: TaskLog): DhcpProvider {
  return {
    name: 'neutron',
    start: async () => {},
    stop: async () => {},
    async offerBoot(address, offer) {
      const neutron = await cloud.neutron();
      const ports = await boundPorts(neutron, address);
      if (ports.length === 0) {
        log.warn({ address }, 'Neutron has no bound port with this MAC address, so no boot file is offered to it.');
      }
      const wanted = dhcpOptions(offer).map(([opt_name, opt_value, ip_version]) => ({
        opt_name,
        opt_value,
        ip_version,
      }));
      const names = new Set(wanted.map(keyOf));
      for (const port of ports) {
        const old = removals(port).filter((option) => !names.has(keyOf(option)));
        await neutron.updatePort(port.id, { extra_dhcp_opts: [...old, ...wanted] });
      }
    },
    async withdrawBoot(address) {
      const neutron = await cloud.neutron();
      for (const port of await boundPorts(neutron, address)) {
        const old = removals(port);
        if (old.length > 0) {
          await neutron.updatePort(port.id, { extra_dhcp_opts: old });
        }
      }
    },
    onEvent: () => {},
  };
}
