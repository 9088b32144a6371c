// What the machine boots from: the override, for once or for ever, and the boot order (ComputerSystem, Boot; BootOption).
import { checkProperties, isBoolean, isOneOf, isTextOrNull, isTexts, type Writable } from '../http/checks.ts';
import { type Message, Problem, problem } from '../http/problem.ts';
import type { BootChoice } from '../machine/machine.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Body, Route } from '../types.ts';
import { collection, link, resource, systemPath } from './shape.ts';
import { storedRoute } from './stored.ts';

type Enabled = 'Disabled' | 'Once' | 'Continuous';

class Boot {
  readonly #model: Model;
  readonly #prepare: (choice: BootChoice | undefined) => void;
  #enabled: Enabled = 'Disabled';
  #target = 'None';
  #mode = 'UEFI';
  #uefiTarget: string | null = null;
  #httpBootUri: string | null = null;
  #next: string | null = null;
  #order: readonly string[];
  /** The order from the next boot on. */
  pendingOrder: readonly string[] | undefined;

  constructor(model: Model, prepare: (choice: BootChoice | undefined) => void) {
    this.#model = model;
    this.#prepare = prepare;
    this.#order = model.boot.options.map(({ reference }) => reference);
  }

  get order(): readonly string[] {
    return this.#order;
  }

  /** The override of now; undefined: there is none. */
  get choice(): BootChoice | undefined {
    if (this.#enabled === 'Disabled' || this.#target === 'None') return undefined;
    return {
      target: this.#target,
      mode: this.#model.boot.mode === 'absent' ? undefined : this.#mode,
      uefiTarget: this.#uefiTarget ?? undefined,
      httpBootUri: this.#httpBootUri ?? undefined,
    };
  }

  /** The machine boots: an override for once is over with that. */
  take(): BootChoice | undefined {
    const { choice } = this;
    this.#next = null;
    if (this.pendingOrder !== undefined) this.#order = this.pendingOrder;
    this.pendingOrder = undefined;
    if (this.#enabled === 'Once' || this.#model.boot.forgetsContinuous) {
      this.#enabled = 'Disabled';
      this.#target = 'None';
      this.#prepare(undefined);
    }
    return choice;
  }

  /** Takes what a client wrote, and was checked. */
  change(boot: Body): void {
    const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = boot;
    if (target !== undefined) this.#target = String(target);
    if (enabled !== undefined) this.#enabled = enabled as Enabled;
    // A target alone is for once; without one there is nothing to override (ComputerSystem, BootSourceOverrideEnabled).
    else if (target !== undefined && target !== 'None' && this.#enabled === 'Disabled') this.#enabled = 'Once';
    if (this.#enabled === 'Disabled' || this.#target === 'None') {
      this.#enabled = 'Disabled';
      this.#target = 'None';
    }
    if (boot.BootSourceOverrideMode !== undefined) this.#mode = String(boot.BootSourceOverrideMode);
    if (boot.UefiTargetBootSourceOverride !== undefined) {
      this.#uefiTarget = boot.UefiTargetBootSourceOverride as string | null;
    }
    if (boot.HttpBootUri !== undefined) this.#httpBootUri = boot.HttpBootUri as string | null;
    if (boot.BootNext !== undefined) this.#next = boot.BootNext as string | null;
    if (boot.BootOrder !== undefined) this.#order = boot.BootOrder as string[];
    this.#prepare(this.choice);
  }

  get body(): Body {
    const { boot } = this.#model;
    return {
      BootOptions: link(`${systemPath(this.#model)}/BootOptions`),
      BootOrder: this.#order,
      BootSourceOverrideEnabled: this.#enabled,
      ...(boot.tellsEnabled ? { 'BootSourceOverrideEnabled@Redfish.AllowableValues': boot.enabled } : {}),
      BootSourceOverrideTarget: this.#target,
      'BootSourceOverrideTarget@Redfish.AllowableValues': boot.targets,
      ...(boot.mode === 'absent' ? {} : { BootSourceOverrideMode: this.#mode }),
      ...(boot.targets.includes('UefiTarget') ? { UefiTargetBootSourceOverride: this.#uefiTarget } : {}),
      ...(boot.targets.includes('UefiBootNext') ? { BootNext: this.#next } : {}),
      ...(boot.httpBootUri ? { HttpBootUri: this.#httpBootUri } : {}),
    };
  }
}

export const bootOf = perBmc((bmc) => new Boot(bmc.model, (choice) => bmc.machine.prepareBoot(choice)));

/** What of Boot may be written, as the model has it. */
export function bootFields({ boot }: Model): Writable {
  return {
    BootSourceOverrideTarget: isOneOf(boot.targets),
    BootSourceOverrideEnabled: isOneOf(boot.enabled),
    ...(boot.mode === 'settable' ? { BootSourceOverrideMode: isOneOf(['UEFI', 'Legacy']) } : {}),
    ...(boot.targets.includes('UefiTarget') ? { UefiTargetBootSourceOverride: isTextOrNull } : {}),
    ...(boot.targets.includes('UefiBootNext') ? { BootNext: isTextOrNull } : {}),
    ...(boot.httpBootUri ? { HttpBootUri: isTextOrNull } : {}),
    ...(boot.orderIn === 'system' ? { BootOrder: isTexts } : {}),
  };
}

/** @throws Problem 400 when the order names what is no boot option, or leaves one out */
export function checkOrder(model: Model, order: unknown): void {
  if (order === undefined) return;
  const known = model.boot.options.map(({ reference }) => reference);
  const given = order as string[];
  const isWhole = given.length === known.length && known.every((each) => given.includes(each));
  if (isWhole) return;
  const message: Message = { key: 'PropertyValueNotInList', args: [JSON.stringify(order), 'BootOrder'] };
  throw new Problem(400, [{ ...message, related: ['#/Boot/BootOrder'] }]);
}

/** What does not go together: modes and targets. @throws Problem 400 */
export function checkBoot(boot: Body): void {
  const { BootSourceOverrideTarget: target, BootSourceOverrideMode: mode } = boot;
  if (mode === 'Legacy' && String(target).startsWith('Uefi')) {
    throw problem(400, 'PropertyValueConflict', 'BootSourceOverrideTarget', 'BootSourceOverrideMode');
  }
}

function optionRoutes(model: Model): readonly Route[] {
  const { options, optionIds } = model.boot;
  const path = `${systemPath(model)}/BootOptions`;
  const ids = options.map(({ reference }, index) => (optionIds === 'reference' ? reference : String(index + 1)));
  return [
    {
      path,
      get: () =>
        collection(
          'BootOption',
          'Boot Options',
          ids.map((id) => `${path}/${id}`),
        ),
    },
    ...options.map((option, index) =>
      storedRoute(`${path}/${ids[index]}`, { BootOptionEnabled: isBoolean }, () => ({
        ...resource(model, 'BootOption', ids[index] ?? '', 'Boot Option'),
        BootOptionReference: option.reference,
        DisplayName: option.name,
        UefiDevicePath: option.path,
        ...(optionIds === 'reference' ? { BootOptionEnabled: true } : {}),
      })),
    ),
  ];
}

/** The resource in which the boot order of the next boot is written, where the model has such. */
function settingsRoute(model: Model): readonly Route[] {
  const { orderIn } = model.boot;
  if (orderIn === 'system') return [];
  const path = `${systemPath(model)}/${orderIn.settings}`;
  return [
    {
      path,
      get: ({ bmc }) => ({
        ...resource(model, 'ComputerSystem', orderIn.settings, 'Pending Settings'),
        Boot: { BootOrder: bootOf(bmc).pendingOrder ?? bootOf(bmc).order },
      }),
      patch: ({ bmc, body }) => {
        checkProperties(body, { Boot: { BootOrder: isTexts } }, { Boot: {} });
        const order = (body.Boot as Body | undefined)?.BootOrder;
        checkOrder(model, order);
        if (order !== undefined) bootOf(bmc).pendingOrder = order as string[];
        return undefined;
      },
    },
  ];
}

export const bootRoutes = (model: Model): readonly Route[] => [...optionRoutes(model), ...settingsRoute(model)];
