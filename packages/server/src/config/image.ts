// Options of the conductor's own handling of images: download, conversion, cache.
import { boolean, booleanOrPath, integer, number, path, text } from './option.ts';

export const image = {
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
  force_raw_images: boolean({
    default: true,
    reloadable: true,
    description: 'Convert images that the conductor caches to raw.',
  }),
  raw_image_growth_factor: number({
    default: 2,
    minimum: 1,
    reloadable: true,
    description: 'Expected growth of an image by its conversion, used to make room in the cache.',
  }),
  image_download_concurrency: integer({
    default: 20,
    minimum: 1,
    description: 'Images downloaded or converted at one time.',
  }),
  instance_master_path: path({ default: '$data_dir/master_images', description: 'Folder of the image cache.' }),
  image_cache_size: integer({
    default: 20_480,
    minimum: 0,
    unit: 'MiB',
    reloadable: true,
    description: 'Largest size of the image cache.',
  }),
  image_cache_ttl: integer({
    default: 10_080,
    minimum: 0,
    unit: 'minutes',
    reloadable: true,
    description: 'Unused images leave the cache after this long.',
  }),
  program: text({ default: 'qemu-img', description: 'The qemu-img program, by name or path.' }),
} as const;
