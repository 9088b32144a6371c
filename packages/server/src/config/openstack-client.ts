// Options that every client of a service of the cloud has: where the service is, and how it is reached.
import { boolean, choice, path, text, textList, url } from './option.ts';

/** The options of one service; `type` is its type in the catalogue of Keystone. */
export function clientOptions(service: string, type: string) {
  return {
    auth_type: choice({
      default: 'keystone',
      allowed: ['keystone', 'none'],
      description: `"keystone": requests to ${service} carry a token of the user in section [keystone]; "none": ${service} asks for none, and \`endpoint_override\` says where it is.`,
    }),
    service_type: text({ default: type, description: `Type of ${service} in the catalogue.` }),
    valid_interfaces: textList({
      default: ['internal', 'public'],
      allowed: ['internal', 'public', 'admin'],
      description: `Which endpoints of ${service} in the catalogue are used, the preferred one first.`,
    }),
    region_name: text({
      default: null,
      description: 'Region of the endpoint. Unset: `keystone.region_name`.',
    }),
    endpoint_override: url({
      default: null,
      description: `URL of ${service}, instead of the one in the catalogue.`,
    }),
    cafile: path({
      default: null,
      description: `PEM file of the CAs that certify ${service}. Unset: \`keystone.cafile\`, or those of the system.`,
    }),
    insecure: boolean({ default: false, description: `Do not verify the certificate of ${service}.` }),
  } as const;
}
