// A service that answers what a captured one answered: read-only, but for log-ins, the power of its system and what that boots from.
import type { RedfishBmc } from '../bmc.ts';
import { asObject, type Check, checkParameters, checkProperties, isOneOf, isTextOrNull } from '../http/checks.ts';
import type { BootChoice } from '../machine/machine.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import { powerChanges } from '../resources/reset-types.ts';
import { sessionRoutes } from '../resources/sessions.ts';
import type { Body, Call, Route } from '../types.ts';
import type { Dump } from './dump.ts';

/** What clients wrote into Boot. */
const writtenOf = perBmc((): { boot: Body } => ({ boot: {} }));

const isSystem = (body: Body) => /^#ComputerSystem\.v/.test(String(body['@odata.type']));
const resetOf = (body: Body) => asObject(asObject(body.Actions)?.['#ComputerSystem.Reset']);
const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;

/** The first system of a dump that can be reset: the machine is behind this one. */
export function systemOf(dump: Dump): { readonly path: string; readonly body: Body } | undefined {
  for (const [path, body] of dump) if (isSystem(body) && resetOf(body) !== undefined) return { path, body };
  return undefined;
}

const bootNames = [
  'BootSourceOverrideTarget',
  'BootSourceOverrideEnabled',
  'BootSourceOverrideMode',
  'UefiTargetBootSourceOverride',
  'HttpBootUri',
];

/** What of Boot can be written: what the captured service shows, with the values that it allows. */
function bootChecks(boot: Body): Readonly<Record<string, Check>> {
  return Object.fromEntries(
    bootNames
      .filter((name) => name in boot)
      .map((name) => {
        const allowed = textsOf(boot[`${name}@Redfish.AllowableValues`]);
        return [name, allowed === undefined ? isTextOrNull : isOneOf(allowed)];
      }),
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function choiceOf(boot: Body): BootChoice | undefined {
  const target = textOf(boot.BootSourceOverrideTarget) ?? 'None';
  const enabled = boot.BootSourceOverrideEnabled;
  if (target === 'None' || enabled === 'Disabled' || enabled === undefined) return undefined;
  return {
    target,
    mode: textOf(boot.BootSourceOverrideMode),
    uefiTarget: textOf(boot.UefiTargetBootSourceOverride),
    httpBootUri: textOf(boot.HttpBootUri),
  };
}

const bootOf = (bmc: RedfishBmc, system: Body): Body => ({ ...asObject(system.Boot), ...writtenOf(bmc).boot });

/** What a replayed service does when its machine boots: an override for once is over. */
export const replayedBoot =
  (dump: Dump) =>
  (bmc: RedfishBmc): BootChoice | undefined => {
    const system = systemOf(dump);
    if (system === undefined) return undefined;
    const boot = bootOf(bmc, system.body);
    const choice = choiceOf(boot);
    if (boot.BootSourceOverrideEnabled === 'Once') {
      Object.assign(writtenOf(bmc).boot, { BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None' });
      bmc.machine.prepareBoot(undefined);
    }
    return choice;
  };

function systemRoutes(path: string, body: Body, dump: Dump): readonly Route[] {
  const read = (bmc: RedfishBmc): Body => ({
    ...body,
    PowerState: bmc.machine.power,
    ...(body.Boot === undefined ? {} : { Boot: bootOf(bmc, body) }),
  });
  const reset = resetOf(body) ?? {};
  const target = String(reset.target)
    .replace(/^https?:\/\/[^/]+/, '')
    .replace(/\/+$/, '');
  const info = dump.get(String(reset['@Redfish.ActionInfo']).replace(/\/+$/, ''));
  const parameters = Array.isArray(info?.Parameters) ? (info.Parameters as Body[]) : [];
  const types =
    textsOf(reset['ResetType@Redfish.AllowableValues']) ??
    textsOf(parameters.find(({ Name }) => Name === 'ResetType')?.AllowableValues) ??
    Object.keys(powerChanges);
  return [
    {
      path,
      get: ({ bmc }) => read(bmc),
      patch: (call: Call) => {
        checkProperties(call.body, { Boot: bootChecks(asObject(body.Boot) ?? {}) }, body);
        Object.assign(writtenOf(call.bmc).boot, call.body.Boot);
        call.bmc.machine.prepareBoot(choiceOf(bootOf(call.bmc, body)));
        return undefined;
      },
    },
    {
      path: target,
      post: async (call: Call) => {
        checkParameters('ComputerSystem.Reset', call.body, { ResetType: isOneOf(types) }, ['ResetType']);
        const change = powerChanges[String(call.body.ResetType)];
        if (change !== undefined) await call.bmc.machine.change(change);
        return undefined;
      },
    },
  ];
}

/** Everything that a dump has, and log-ins as a service of the model has them. */
export function routesOfDump(dump: Dump, model: Model): readonly Route[] {
  const live = sessionRoutes(model);
  const system = systemOf(dump);
  const taken = new Set([...live.map(({ path }) => path), system?.path]);
  return [
    ...live,
    ...(system === undefined ? [] : systemRoutes(system.path, system.body, dump)),
    ...[...dump]
      .filter(([path]) => !taken.has(path) && !/^\/redfish\/v1\/SessionService\/Sessions\//.test(path))
      .map(([path, body]): Route => ({ path, get: () => body })),
  ];
}
