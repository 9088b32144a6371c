// wrought node vmedia: images that a machine sees as drives of its own.
import { type Command, Option } from 'commander';
import { collect, ident } from '../arguments.ts';
import type { Context } from '../context.ts';

const downloadSources = ['http', 'local', 'swift'] as const;

export function defineVirtualMedia(noun: Command, context: Context): void {
  const vmedia = noun.command('vmedia').description('attach or detach virtual media');
  vmedia
    .command('attach')
    .description('let the machine see an image as its cdrom, disk or floppy')
    .argument('<node>')
    .argument('<device-type>', 'cdrom, disk or floppy')
    .argument('<image-url>')
    .addOption(
      new Option('--image-download-source <source>', 'where the BMC gets the image from').choices(downloadSources),
    )
    .action(async (node: string, type: string, url: string, options: { imageDownloadSource?: string }) => {
      const client = await context.client();
      const source = options.imageDownloadSource;
      const more = source === undefined ? {} : { image_download_source: source };
      await client.send('POST', `/v1/nodes/${ident(node)}/vmedia`, { device_type: type, image_url: url, ...more });
      context.note(`${node}: ${type} to attach requested`);
    });
  vmedia
    .command('detach')
    .description('take virtual media away: all of them, or those of the device types that are named')
    .argument('<node>')
    .option('--device-type <type>', 'cdrom, disk or floppy; may be given several times', collect(String))
    .action(async (node: string, { deviceType }: { deviceType?: string[] }) => {
      const client = await context.client();
      const query = deviceType === undefined ? '' : `?device_types=${deviceType.map(ident).join(',')}`;
      await client.send('DELETE', `/v1/nodes/${ident(node)}/vmedia${query}`);
      context.note(`${node}: ${deviceType?.join(', ') ?? 'all virtual media'} to detach requested`);
    });
}
