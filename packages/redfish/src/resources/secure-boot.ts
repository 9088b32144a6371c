// UEFI secure boot and its keys (SecureBoot, SecureBootDatabase and Certificate schemas).
import type { Answer, CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface SecureBoot {
  readonly resource: Resource;
  /** From the next boot on. */
  readonly isEnabled: boolean | undefined;
  /** In the boot that is running. */
  readonly isActive: boolean | undefined;
  /** `SetupMode`, `UserMode`, `AuditMode` or `DeployedMode`. */
  readonly mode: string | undefined;
}

/**
 * Reads secure boot of a system.
 *
 * @throws UnsupportedError when the system has none.
 */
export async function readSecureBoot(client: Client, system: Resource, options: CallOptions = {}): Promise<SecureBoot> {
  const resource = await client.get(system.mustLink('SecureBoot'), options);
  const current = resource.enumeration('SecureBootCurrentBoot', ['Enabled', 'Disabled']);
  return {
    resource,
    isEnabled: resource.boolean('SecureBootEnable'),
    isActive: current === undefined ? undefined : current === 'Enabled',
    mode: resource.text('SecureBootMode'),
  };
}

/** Switches secure boot on or off, from the next boot on. */
export const setSecureBoot = (
  client: Client,
  secureBoot: Resource,
  isEnabled: boolean,
  options?: CallOptions,
): Promise<Answer> => client.patch(secureBoot, { SecureBootEnable: isEnabled }, options);

export type ResetKeysType = 'ResetAllKeysToDefault' | 'DeleteAllKeys' | 'DeletePK';

/** Resets or deletes the keys of secure boot, or of one database. */
export const resetSecureBootKeys = (
  client: Client,
  target: Resource,
  type: ResetKeysType,
  options?: CallOptions,
): Promise<Answer> => {
  const name = target.schema === 'SecureBootDatabase' ? 'SecureBootDatabase.ResetKeys' : 'SecureBoot.ResetKeys';
  return client.action(target, name, { ResetKeysType: type }, options);
};

/** Reads the key databases: PK, KEK, db, dbx and their defaults; none where the service shows none. */
export async function readSecureBootDatabases(
  client: Client,
  secureBoot: Resource,
  options: CallOptions = {},
): Promise<Resource[]> {
  const collection = secureBoot.link('SecureBootDatabases');
  return collection === undefined ? [] : client.members(collection, options);
}

/** Adds a certificate, as PEM text, to a key database. */
export const addSecureBootCertificate = (
  client: Client,
  database: Resource,
  pem: string,
  options?: CallOptions,
): Promise<Answer> =>
  client.post(database.mustLink('Certificates'), { CertificateString: pem, CertificateType: 'PEM' }, options);
