// Options of the fake interfaces: how long each pretends to work, and whether it fails.
import { type InterfaceKind, interfaceKindNames } from '@wrought/contract';
import { type Delay, delay, type Option, text } from './option.ts';

type DelayOptions = { readonly [K in InterfaceKind as `${K}_delay`]: Option<Delay> };
type FailureOptions = { readonly [K in InterfaceKind as `${K}_failure`]: Option<string | null> };

const delayOptions = Object.fromEntries(
  interfaceKindNames.map((kind) => [
    `${kind}_delay`,
    delay({
      default: { minimumSeconds: 0, maximumSeconds: 0 },
      reloadable: true,
      description: `How long each action of the fake ${kind} interface takes.`,
    }),
  ]),
) as DelayOptions;

const failureOptions = Object.fromEntries(
  interfaceKindNames.map((kind) => [
    `${kind}_failure`,
    text({
      default: null,
      reloadable: true,
      description: `Each action of the fake ${kind} interface fails with this text.`,
    }),
  ]),
) as FailureOptions;

export const fake = { ...delayOptions, ...failureOptions } as const;
