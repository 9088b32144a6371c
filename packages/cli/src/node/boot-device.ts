// wrought node boot-device: what a machine boots from next.
import type { Command } from 'commander';
import { ident } from '../arguments.ts';
import type { Context } from '../context.ts';

export function defineBootDevice(noun: Command, context: Context): void {
  const bootDevice = noun.command('boot-device').description('show or set the boot device');
  bootDevice
    .command('get')
    .description('show the boot device that the BMC reports')
    .argument('<node>')
    .option('--supported', 'list the boot devices that the machine knows')
    .action(async (node: string, options: { supported?: true }) => {
      const client = await context.client();
      const path = `/v1/nodes/${ident(node)}/management/boot_device`;
      context.showOne(await client.get(options.supported ? `${path}/supported` : path));
    });
  bootDevice
    .command('set')
    .description('set the boot device: pxe, disk, cdrom, bios, safe, ...')
    .argument('<node>')
    .argument('<device>')
    .option('--persistent', 'for every boot from now on, and not only the next')
    .action(async (node: string, device: string, options: { persistent?: true }) => {
      const client = await context.client();
      const body = { boot_device: device, persistent: options.persistent === true };
      await client.send('PUT', `/v1/nodes/${ident(node)}/management/boot_device`, body);
      context.note(`boot device of ${node} set to ${device}`);
    });
}
