// Options of the conductor's own handling of images: download, cache, conversion.
import { booleanOrPath, integer, text, textList } from './option.ts';

export const image = {
  max_concurrent_per_server: integer({
    default: 0,
    minimum: 0,
    reloadable: true,
    description:
      'Most machines that are deployed at one time with an image from the same server, from the begin of the deployment until the image ' +
      'is written; what is over waits in line, or is refused (`conductor.when_full`). Images that a conductor serves count for the host ' +
      'of its `deploy.http_url`. 0: no limit.',
  }),
  webserver_verify_ca: booleanOrPath({
    default: true,
    reloadable: true,
    description: 'How the certificate of an image server is verified: true, a CA file, or false (not at all).',
  }),
  webserver_connection_timeout: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest wait for a connection to an image server or for its next byte.',
  }),
  image_cache_size: integer({
    default: 20_480,
    minimum: 0,
    unit: 'MiB',
    reloadable: true,
    description:
      'When the cache of kernels, ramdisks and images is larger, those that no node uses leave it, the longest unused first.',
  }),
  image_cache_ttl: integer({
    default: 10_080,
    minimum: 0,
    unit: 'minutes',
    reloadable: true,
    description: 'Unused images leave the cache after this long.',
  }),
  denied_networks: textList({
    default: ['100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::254/128'],
    reloadable: true,
    description:
      'Networks and addresses to which URLs of users (images, checksums, requests of inspection rules) may not lead, besides ' +
      'link-local, multicast and unspecified addresses, which are always denied. The default are metadata services of clouds. ' +
      'Where no image server runs on the machine of the server, add "127.0.0.0/8" and "::1".',
  }),
  program: text({ default: 'qemu-img', description: 'The qemu-img program, by name or path.' }),
} as const;
