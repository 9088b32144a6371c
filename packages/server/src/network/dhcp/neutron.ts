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

type Options = readonly (readonly [name: string, value: string, version: 4 | 6])[];

/**
 * What is told to the machine. A client that is iPXE already says so, which Neutron's DHCP agent marks with a tag; what kind of firmware
 * asks is known from the boot mode.
 */
export function dhcpOptions(offer: BootOffer): Options {
  const { ipxeScriptUrl, tftpServer, bootMode, biosBootFile, uefiBootFile } = offer;
  const file = bootMode === 'uefi' ? uefiBootFile : biosBootFile;
  const urlHost = tftpServer.includes(':') ? `[${tftpServer}]` : tftpServer;
  const fileUrl = `tftp://${urlHost}/${file}`;
  const files: Options =
    ipxeScriptUrl === null
      ? [
          [BOOT_FILE, file, 4],
          [BOOT_FILE_URL_V6, fileUrl, 6],
        ]
      : [
          [`tag:!ipxe,${BOOT_FILE}`, file, 4],
          [`tag:ipxe,${BOOT_FILE}`, ipxeScriptUrl, 4],
          [`tag:!ipxe6,${BOOT_FILE_URL_V6}`, fileUrl, 6],
          [`tag:ipxe6,${BOOT_FILE_URL_V6}`, ipxeScriptUrl, 6],
        ];
  return [
    ...files,
    [TFTP_SERVER_NAME, tftpServer, 4],
    [TFTP_SERVER_ADDRESS, tftpServer, 4],
    [SERVER_ADDRESS, tftpServer, 4],
  ];
}

const OURS = new RegExp(
  `^((tag:!?ipxe6?,)?(${BOOT_FILE}|${BOOT_FILE_URL_V6})|${TFTP_SERVER_NAME}|${TFTP_SERVER_ADDRESS}|${SERVER_ADDRESS})$`,
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
