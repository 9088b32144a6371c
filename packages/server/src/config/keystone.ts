// Options of Keystone: where it is, as whom the server speaks to it, and how tokens of callers are checked.
import { boolean, choice, integer, path, text, textList, url } from './option.ts';

export const keystone = {
  auth_url: url({
    default: null,
    description:
      'Keystone, such as "https://keystone.example.org/v3". Needed with `api.auth = "keystone"`; "/v3" is added when it is left out.',
  }),
  www_authenticate_uri: url({
    default: null,
    description: 'Keystone as callers reach it, told to those who come without a token. Unset: `auth_url`.',
  }),
  username: text({
    default: null,
    description: 'User of this server, who may validate tokens (role "service" or "admin").',
  }),
  password: text({ default: null, secret: true, description: 'Password of `username`.' }),
  user_domain_name: text({ default: 'Default', description: 'Domain of `username`.' }),
  project_name: text({ default: null, description: 'Project that `username` works in, often "service".' }),
  project_domain_name: text({ default: 'Default', description: 'Domain of `project_name`.' }),
  application_credential_id: text({
    default: null,
    description: 'Application credential of the server, instead of `username`, `password` and `project_name`.',
  }),
  application_credential_secret: text({
    default: null,
    secret: true,
    description: 'Secret of `application_credential_id`.',
  }),
  service_type: text({
    default: 'baremetal',
    description:
      'Type of this service in the access rules of application credentials. Unset: tokens with access rules are refused.',
  }),
  region_name: text({ default: null, description: 'Region whose endpoints are used. Unset: any.' }),
  interface: choice({
    default: 'internal',
    allowed: ['internal', 'public', 'admin'],
    description: 'Which endpoint of Keystone in the catalogue tokens are validated at.',
  }),
  cafile: path({
    default: null,
    description: 'PEM file of the CAs that certify Keystone. Unset: those of the system.',
  }),
  insecure: boolean({ default: false, description: 'Do not verify the certificate of Keystone.' }),
  timeout: integer({
    default: 10,
    minimum: 1,
    maximum: 300,
    unit: 'seconds',
    description: 'Longest time that Keystone gets for one answer.',
  }),
  token_cache_time: integer({
    default: 300,
    minimum: -1,
    unit: 'seconds',
    description:
      'How long a validated token is not asked about again; a token that is revoked works at most so much longer. -1 or 0: every request asks Keystone.',
  }),
  service_token_roles: textList({
    default: ['service'],
    description:
      'Roles that make the token in X-Service-Token that of a service; with one of them the token of the user may have expired.',
  }),
  service_token_roles_required: boolean({
    default: false,
    description: 'Refuse requests whose X-Service-Token has none of `service_token_roles`.',
  }),
} as const;
