// Options of the conversation with the agent in the ramdisk.
import { boolean, booleanOrPath, choice, integer, number, path } from './option.ts';

export const agent = {
  image_download_source: choice({
    default: 'http',
    allowed: ['http', 'local'],
    reloadable: true,
    description:
      'Where the agent takes the image from: "http" the URL of the image itself, "local" a copy cached and served by this conductor.',
  }),
  stream_raw_images: boolean({
    default: true,
    reloadable: true,
    description: 'Write raw images to the disk while they are downloaded.',
  }),
  command_timeout: integer({
    default: 60,
    minimum: 1,
    unit: 'seconds',
    reloadable: true,
    description: 'Longest wait for the answer to one request to the agent.',
  }),
  max_command_attempts: integer({
    default: 3,
    minimum: 1,
    reloadable: true,
    description: 'Tries to reach the agent for one request.',
  }),
  post_deploy_get_power_state_retries: integer({
    default: 6,
    minimum: 0,
    reloadable: true,
    description: 'Polls of the power state after the agent was told to power the machine off.',
  }),
  post_deploy_get_power_state_retry_interval: number({
    default: 5,
    minimum: 0.1,
    unit: 'seconds',
    reloadable: true,
    description: 'Pause between these polls; after the last the BMC cuts the power.',
  }),
  lost_token_timeout: integer({
    default: 10,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description:
      'A token that a lookup was answered, and with which no heartbeat came within this time, is taken for lost: the agent that looks up again gets a new one, and the lost one is void.',
  }),
  require_tls: boolean({
    default: true,
    reloadable: true,
    description: 'Refuse heartbeats whose callback URL is not https.',
  }),
  verify_ca: booleanOrPath({
    default: true,
    reloadable: true,
    description:
      'How the certificate of an agent is verified that sends none with its heartbeat: true (CAs of the system), a CA file, or false (not at all).',
  }),
  certificates_path: path({
    default: '$data_dir/certificates',
    description: 'Folder in which the certificates are kept that agents send with their heartbeats.',
  }),
  tls_minimum_version: choice({
    default: '1.3',
    allowed: ['1.2', '1.3'],
    reloadable: true,
    description: 'Oldest TLS version spoken with agents.',
  }),
  allow_md5_checksum: boolean({
    default: true,
    reloadable: true,
    description: 'Accept image checksums in MD5.',
  }),
} as const;
