// bios: the settings of the machine's firmware.
import {
  type AttributeDescription,
  type Bios,
  type Client,
  pendingBiosAttributes,
  readBios,
  readBiosRegistry,
  resetBios,
  setBiosAttributes,
  taskPath,
} from '@wrought/redfish';
import type { Command } from 'commander';
import { collect, parseFilter } from '../../arguments.ts';
import { CommandError } from '../../command-error.ts';
import { showFields } from '../show.ts';
import type { Service } from './service.ts';

type Value = string | number | boolean;

/** Names of attributes stay as the BMC writes them. */
function rowOf(name: string, now: unknown, pending: unknown, known: AttributeDescription | undefined) {
  return {
    ...{ name, value: now ?? null, pending: pending ?? null, type: known?.type ?? null },
    allowed: known?.allowedValues ?? [],
    ...(known?.lowerBound === undefined ? {} : { lowest: known.lowerBound }),
    ...(known?.upperBound === undefined ? {} : { highest: known.upperBound }),
    default: known?.defaultValue ?? null,
    read_only: known?.isReadOnly ?? null,
    description: known?.displayName ?? null,
  };
}

function mustHave(bios: Bios, name: string): unknown {
  if (name in bios.attributes) return bios.attributes[name];
  const similar = Object.keys(bios.attributes).filter((each) => each.toLowerCase().includes(name.toLowerCase()));
  const hint = similar.length === 0 ? 'see bios list' : `there is ${similar.slice(0, 5).join(', ')}`;
  throw new CommandError(`the BIOS has no setting "${name}"; ${hint}`);
}

/** A value as the type of its attribute wants it. @throws CommandError that names what is allowed */
function parsedValue(name: string, text: string, now: unknown, known: AttributeDescription | undefined): Value {
  const refuse = (allowed: string): never => {
    throw new CommandError(`${name} cannot be "${text}"; allowed: ${allowed}`);
  };
  if (known?.isReadOnly) throw new CommandError(`${name} can only be read`);
  const type = known?.type ?? { number: 'Integer', boolean: 'Boolean' }[typeof now as string];
  if (type === 'Boolean') {
    return text === 'true' || text === 'false' ? text === 'true' : refuse('true, false');
  }
  if (type === 'Integer') {
    const { lowerBound = Number.MIN_SAFE_INTEGER, upperBound = Number.MAX_SAFE_INTEGER } = known ?? {};
    const isGood = /^-?\d+$/.test(text) && Number(text) >= lowerBound && Number(text) <= upperBound;
    return isGood ? Number(text) : refuse(`whole numbers from ${lowerBound} to ${upperBound}`);
  }
  const allowed = known?.allowedValues ?? [];
  return allowed.length === 0 || allowed.includes(text) ? text : refuse(allowed.join(', '));
}

async function valuesOf(client: Client, bios: Bios, changes: readonly (readonly [string, string])[]) {
  const registry = await readBiosRegistry(client, bios);
  const values = changes.map(([name, text]) => [
    name,
    parsedValue(name, text, mustHave(bios, name), registry.get(name)),
  ]);
  return Object.fromEntries(values) as Record<string, Value>;
}

export function defineBios(commands: Command, { context, withSystem, toChange }: Service): void {
  const bios = commands.command('bios').description("settings of the machine's firmware");
  bios
    .command('list')
    .description('all settings, or those whose name has a text; what is pending holds from the next restart on')
    .argument('[text]')
    .option('--pending', 'only those that will change')
    .action((text: string | undefined, options: { pending?: true }) =>
      withSystem(async (client, system) => {
        const found = await readBios(client, system);
        const pending = await pendingBiosAttributes(client, found);
        const registry = await readBiosRegistry(client, found);
        const wanted = text?.toLowerCase() ?? '';
        const rows = Object.entries(found.attributes)
          .filter(([name]) => name.toLowerCase().includes(wanted) && (!options.pending || name in pending))
          .map(([name, value]) => rowOf(name, value, pending[name], registry.get(name)));
        context.showList(rows, ['name', 'value', 'pending', 'allowed']);
      }),
    );
  bios
    .command('get')
    .description('one setting, and what it may be')
    .argument('<name>')
    .action((name: string) =>
      withSystem(async (client, system) => {
        const found = await readBios(client, system);
        const value = mustHave(found, name);
        const pending = await pendingBiosAttributes(client, found);
        context.showOne(rowOf(name, value, pending[name], (await readBiosRegistry(client, found)).get(name)));
      }),
    );
  bios
    .command('set')
    .description('change settings from the next restart on')
    .argument('<name=value...>', 'as bios list shows them', collect(parseFilter))
    .action((changes: readonly (readonly [string, string])[]) =>
      toChange(async (client, system) => {
        const found = await readBios(client, system);
        const values = await valuesOf(client, found, changes);
        const task = taskPath(await setBiosAttributes(client, found, values));
        context.showOne({ ...values });
        const follow = task === undefined ? '' : `; ${task} tells how it went`;
        context.note(`restart the machine for it to hold (power reset)${follow}`);
      }),
    );
  bios
    .command('reset')
    .description('set everything back to what the factory set, from the next restart on')
    .action(() =>
      toChange(async (client, system) => {
        const task = taskPath(await resetBios(client, await readBios(client, system)));
        showFields(context, { accepted: 'reset', task });
      }),
    );
}
