// Which values are secret by the name of their key, and the mask that is shown in their place.

export const SECRET_MASK = '******';

/** A key that contains one of these, in any letter case, holds a secret. */
const SECRET_KEY_PARTS = [
  'password',
  'passwd',
  'passphrase',
  'admin_pass',
  'adminpass',
  'new_pass',
  'secret',
  'token',
  'credential',
  'private_key',
  'encrypted_key',
  'encryption_key',
  'encryptionkey',
  'fernetkey',
  'sslkey',
  'sys_pswd',
  'snmp_auth_key',
  'snmp_priv_key',
  'snmp_community',
  'configdrive',
] as const;

const SECRET_KEY = new RegExp(SECRET_KEY_PARTS.join('|'), 'i');

/** Keys that contain such a word and yet hold nothing secret. */
const PUBLIC_KEYS: ReadonlySet<string> = new Set(['agent_secret_token_pregenerated', 'agent_token_required']);

/** Keys of `instance_info` that may carry credentials in their value. */
const INSTANCE_KEYS: ReadonlySet<string> = new Set(['configdrive', 'image_url']);

/** Whether a value under this key is secret. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) && !PUBLIC_KEYS.has(key);
}

function mask(value: unknown): unknown {
  return value === null || value === '' ? value : SECRET_MASK;
}

/** A copy of the value in which every secret, at any depth, is replaced by the mask. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(maskSecrets);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, isSecretKey(key) ? mask(member) : maskSecrets(member)]),
  );
}

/** The same for `instance_info`: the config drive (even as an object) and the image URL are hidden, too. */
export function maskInstanceSecrets(info: Record<string, unknown>): Record<string, unknown> {
  const masked = maskSecrets(info) as Record<string, unknown>;
  for (const key of INSTANCE_KEYS) {
    if (info[key] !== undefined && info[key] !== null) {
      masked[key] = SECRET_MASK;
    }
  }
  return masked;
}

/** Whether JSON text may hold a secret; false is certain, so that text without one need not be parsed. */
export function mayHoldSecret(json: string): boolean {
  return SECRET_KEY.test(json) || json.includes('"image_url"');
}
