// network: network cards with their ports, and the interfaces that the system sees.
import { chassisOf, readEthernetInterfaces, readNetworkAdapters, readNetworkPorts } from '@wrought/redfish';
import type { Command } from 'commander';
import { showTable } from '../show.ts';
import type { Service } from './service.ts';

export function defineNetwork(commands: Command, { context, withSystem }: Service): void {
  const network = commands.command('network').description('network cards and interfaces');
  network
    .command('cards')
    .description('network cards, one row a port')
    .action(() =>
      withSystem(async (client, system) => {
        const rows: object[] = [];
        for (const chassis of await chassisOf(client, system)) {
          for (const card of await readNetworkAdapters(client, chassis)) {
            const { id, model, name, serialNumber, firmwareVersion: firmware, status } = card;
            const common = { id, model: model ?? name, firmware, serialNumber, health: status.health };
            const ports = await readNetworkPorts(client, card);
            rows.push(
              ...ports.map(({ id: port, linkStatus: link, speedGbps, macAddresses: macs, neighbour }) => ({
                ...{ ...common, port, link, speedGbps, macs, neighbour },
              })),
              ...(ports.length === 0 ? [common] : []),
            );
          }
        }
        showTable(context, rows, ['id', 'model', 'firmware', 'port', 'link', 'speed_gbps', 'macs', 'health']);
      }),
    );
  network
    .command('interfaces')
    .description('what the system has as network interfaces')
    .action(() =>
      withSystem(async (client, system) => {
        const found = await readEthernetInterfaces(client, system);
        const rows = found.map(({ id, name, macAddress, permanentMacAddress, linkStatus, speedMbps, ...rest }) => ({
          ...{ id, name, mac: macAddress, permanentMac: permanentMacAddress, link: linkStatus, speedMbps },
          ...{ addresses: [...rest.ipv4Addresses, ...rest.ipv6Addresses], enabled: rest.isEnabled },
          ...{ health: rest.status.health, path: rest.path },
        }));
        showTable(context, rows, ['id', 'name', 'mac', 'link', 'speed_mbps', 'addresses']);
      }),
    );
}
