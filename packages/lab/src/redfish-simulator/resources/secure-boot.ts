// Secure boot: on from the next boot, keys that are reset, databases (schemas SecureBoot, SecureBootDatabase).
import { checkProperties, isBoolean } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Body, Call, Route } from '../types.ts';
import { choiceAction } from './actions.ts';
import { bootOf } from './boot.ts';
import { collection, collectionRoute, link, resource, systemPath } from './shape.ts';

class SecureBoot {
  /** As it is set. */
  isEnabled = false;
  /** As the machine booted. */
  isActive = false;
  hasPlatformKey = true;

  boot(): void {
    this.isActive = this.isEnabled && this.hasPlatformKey;
  }
}

export const secureBootOf = perBmc(() => new SecureBoot());

const databases = ['PK', 'KEK', 'db', 'dbx'] as const;

function resetKeys({ bmc }: Call, type: string): undefined {
  const secureBoot = secureBootOf(bmc);
  if (type === 'DeleteAllKeys' || type === 'DeletePK') secureBoot.hasPlatformKey = false;
  if (type === 'ResetAllKeysToDefault' || type === 'ResetPK') secureBoot.hasPlatformKey = true;
  return undefined;
}

function change(call: Call, body: Body): undefined {
  checkProperties(call.body, { SecureBootEnable: isBoolean }, body);
  const wanted = call.body.SecureBootEnable;
  if (wanted === true && bootOf(call.bmc).body.BootSourceOverrideMode === 'Legacy') {
    throw problem(400, 'PropertyValueConflict', 'SecureBootEnable', 'BootSourceOverrideMode');
  }
  if (wanted !== undefined) secureBootOf(call.bmc).isEnabled = wanted === true;
  return undefined;
}

export function secureBootRoutes(model: Model): readonly Route[] {
  const path = `${systemPath(model)}/SecureBoot`;
  const { resetTypes, tellsTypes, databases: hasDatabases } = model.secureBoot;
  const reset = choiceAction(model, {
    ...{ path, name: 'SecureBoot.ResetKeys', parameter: 'ResetKeysType', infoId: 'ResetKeysActionInfo' },
    types: resetTypes,
    typesIn: model.system.resetTypesIn === 'action info' ? 'action info' : 'action',
    isRequired: true,
    run: (call, type) => resetKeys(call, type ?? ''),
  });
  // Some services name the action and not what its parameter may be.
  const shown = tellsTypes
    ? reset.body
    : { '#SecureBoot.ResetKeys': { target: `${path}/Actions/SecureBoot.ResetKeys` } };
  const databasesPath = `${path}/SecureBootDatabases`;
  const read = ({ bmc }: Pick<Call, 'bmc'>): Body => {
    const { isEnabled, isActive, hasPlatformKey } = secureBootOf(bmc);
    return {
      ...resource(model, 'SecureBoot', 'SecureBoot', 'UEFI Secure Boot'),
      SecureBootEnable: isEnabled,
      SecureBootCurrentBoot: isActive ? 'Enabled' : 'Disabled',
      SecureBootMode: hasPlatformKey ? 'UserMode' : 'SetupMode',
      ...(hasDatabases ? { SecureBootDatabases: link(databasesPath) } : {}),
      Actions: shown,
    };
  };
  return [
    { path, get: read, patch: (call) => change(call, read(call)) },
    ...reset.routes,
    ...(hasDatabases ? databaseRoutes(model, databasesPath) : []),
  ];
}

function databaseRoutes(model: Model, path: string): readonly Route[] {
  return [
    collectionRoute(path, 'SecureBootDatabase', 'UEFI Secure Boot Databases', databases),
    ...databases.flatMap((id): Route[] => {
      const own = `${path}/${id}`;
      const reset = choiceAction(model, {
        ...{
          path: own,
          name: 'SecureBootDatabase.ResetKeys',
          parameter: 'ResetKeysType',
          infoId: 'ResetKeysActionInfo',
        },
        ...{ types: ['ResetAllKeysToDefault', 'DeleteAllKeys'], typesIn: 'action' as const, isRequired: true },
        run: (call, type) => (id === 'PK' ? resetKeys(call, type ?? '') : undefined),
      });
      return [
        {
          path: own,
          get: () => ({
            ...resource(model, 'SecureBootDatabase', id, `${id} Database`),
            DatabaseId: id,
            Certificates: link(`${own}/Certificates`),
            Signatures: link(`${own}/Signatures`),
            Actions: reset.body,
          }),
        },
        { path: `${own}/Certificates`, get: () => collection('Certificate', 'Certificates', []) },
        { path: `${own}/Signatures`, get: () => collection('Signature', 'Signatures', []) },
        ...reset.routes,
      ];
    }),
  ];
}
