// What the agent is told about the image: where it is, what it must be, and how to get it.
import type { ImageInfo, JsonObject, Node } from '@wrought/contract';
import { bootModeOf } from '../../boot/boot-mode.ts';
import { instanceCapabilities } from '../../boot/capabilities.ts';
import type { Config } from '../../config/index.ts';

/** Member of driver_internal_info in which `prepare` keeps what it found out about the image. */
export const IMAGE_KEY = 'instance_image';

/** What `prepare` found out. */
export interface PreparedImage {
  /** Where the agent takes it from. */
  readonly url: string;
  readonly os_hash_algo: string;
  readonly os_hash_value: string;
  /** The conductor that serves it from its own machine; absent where another server does. */
  readonly conductor?: string;
}

function text(bag: JsonObject, key: string): string | null {
  const value = bag[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** What was prepared, or null when nothing was. */
export function preparedImage(node: Node): PreparedImage | null {
  const value = node.driver_internal_info[IMAGE_KEY];
  return typeof value === 'object' && value !== null ? (value as PreparedImage) : null;
}

/** The `image_info` argument of write_image. */
export function imageInfo(node: Node, image: PreparedImage, config: Config): ImageInfo {
  const { instance_info, driver_info } = node;
  const diskFormat = text(instance_info, 'image_disk_format');
  const authorization = text(instance_info, 'image_request_authorization_secret');
  const proxies = { http: text(driver_info, 'image_http_proxy'), https: text(driver_info, 'image_https_proxy') };
  const noProxy = text(driver_info, 'image_no_proxy');
  const diskLabel = instanceCapabilities(node).disk_label;
  return {
    id: text(instance_info, 'image_source') ?? image.url,
    urls: [image.url],
    ...(diskFormat === null ? {} : { disk_format: diskFormat }),
    container_format: text(instance_info, 'image_container_format') ?? 'bare',
    stream_raw_images: config.agent.stream_raw_images,
    os_hash_algo: image.os_hash_algo,
    os_hash_value: image.os_hash_value,
    ...(image.os_hash_algo === 'md5' ? { checksum: image.os_hash_value } : {}),
    node_uuid: node.uuid,
    image_type: 'whole-disk',
    deploy_boot_mode: bootModeOf(node, config),
    boot_option: 'local',
    ...(diskLabel === undefined ? {} : { disk_label: diskLabel }),
    ...(authorization === null ? {} : { image_request_authorization: authorization }),
    ...(proxies.http === null && proxies.https === null
      ? {}
      : {
          proxies: {
            ...(proxies.http === null ? {} : { http: proxies.http }),
            ...(proxies.https === null ? {} : { https: proxies.https }),
          },
        }),
    ...(noProxy === null ? {} : { no_proxy: noProxy }),
  };
}
