// fru: what the machine and its parts are: makers, names, serial numbers.
import { type FruField, type FruInventory, readFru } from '@wrought/ipmi';
import type { Command } from 'commander';
import type { Bmc } from './bmc.ts';
import { parseByte } from './numbers.ts';
import { showFields } from './show.ts';

interface Area {
  readonly fields: Readonly<Partial<Record<string, FruField>>>;
  readonly custom: readonly FruField[];
}

/** Fields that are there and say something. */
function textsOf(area: Area): object {
  const named = Object.entries(area.fields).flatMap(([name, field]) =>
    field === undefined || field.text === '' ? [] : [[name, field.text] as const],
  );
  const custom = area.custom.map(({ text }) => text).filter((text) => text !== '');
  return { ...Object.fromEntries(named), ...(custom.length === 0 ? {} : { custom }) };
}

function contentOf({ chassis, board, product, multiRecords, problems }: FruInventory): object {
  return {
    ...(chassis === undefined ? {} : { chassis: { type: chassis.chassisType, ...textsOf(chassis) } }),
    ...(board === undefined ? {} : { board: { manufactured: board.manufactured, ...textsOf(board) } }),
    ...(product === undefined ? {} : { product: textsOf(product) }),
    ...(multiRecords.length === 0 ? {} : { multiRecords }),
    problems,
  };
}

export function defineInventory(commands: Command, { context, inSession }: Bmc): void {
  commands
    .command('fru')
    .description('makers, names and serial numbers of an inventory device')
    .argument('[id]', 'which device; 0 is the machine itself', parseByte, 0)
    .action((id: number) => inSession(async (session) => showFields(context, contentOf(await readFru(session, id)))));
}
