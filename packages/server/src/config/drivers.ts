// Options that say which hardware types and interfaces are loaded.
import { type InterfaceKind, interfaceKindNames } from '@wrought/contract';
import { type Option, text, textList } from './option.ts';

type EnabledOptions = { readonly [K in InterfaceKind as `enabled_${K}_interfaces`]: Option<readonly string[]> };
type DefaultOptions = { readonly [K in InterfaceKind as `default_${K}_interface`]: Option<string | null> };

const enabledOptions = Object.fromEntries(
  interfaceKindNames.map((kind) => [
    `enabled_${kind}_interfaces`,
    textList({
      default: [],
      description: `Enabled ${kind} interfaces. Empty: every one that an enabled hardware type supports.`,
    }),
  ]),
) as EnabledOptions;

const defaultOptions = Object.fromEntries(
  interfaceKindNames.map((kind) => [
    `default_${kind}_interface`,
    text({
      default: null,
      description: `The ${kind} interface of nodes that name none. Unset: the first enabled one that the hardware type supports.`,
    }),
  ]),
) as DefaultOptions;

export const drivers = {
  enabled: textList({
    default: ['ipmi', 'redfish', 'manual-management'],
    description: 'Hardware types that nodes may use ("driver" of a node), such as "ipmi" or "fake-hardware".',
  }),
  modules: textList({
    default: [],
    description:
      'JavaScript modules (package names or absolute paths) that add hardware types and interfaces; see the driver guide.',
  }),
  ...enabledOptions,
  ...defaultOptions,
} as const;
