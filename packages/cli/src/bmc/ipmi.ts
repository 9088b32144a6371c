// wrought bmc ipmi: what operators ask BMCs by IPMI every day; the host stands before the command, the options anywhere.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, parseSeconds } from '../arguments.ts';
import type { Context } from '../context.ts';
import { bmcOf } from './bmc.ts';
import { defineChassis } from './chassis.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { defineController } from './controller.ts';
import { defineInventory } from './inventory.ts';
import { defineNetwork } from './network.ts';
import { parseByte } from './numbers.ts';
import { defineSel } from './sel.ts';
import { defineSensors } from './sensors.ts';
import { defineSol } from './sol.ts';
import { takeCommandsAfter } from './words-after.ts';

const groups = [
  defineChassis,
  defineController,
  defineSensors,
  defineSel,
  defineInventory,
  defineNetwork,
  defineSol,
] as const;
const highestPort = 0xffff;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > highestPort) {
    throw new InvalidArgumentError(`it is no port from 1 to ${highestPort}`);
  }
  return port;
}

const protections = ['authentication', 'integrity', 'confidentiality'] as const;

function parseUnprotected(text: string): (typeof protections)[number] {
  const found = protections.find((each) => each === text);
  if (found === undefined) {
    throw new InvalidArgumentError(`it is none of ${protections.join(', ')}`);
  }
  return found;
}

function defineCommands(commands: Command, context: Context, host: string, options: ConnectionOptions): void {
  const bmc = bmcOf({ context, host, options, misused: (message) => commands.error(`error: ${message}`) });
  for (const define of groups) {
    define(commands, bmc);
  }
}

const notes = `
--user and --format stand for the BMC's user (default: admin) and the form of the answer here too.
The password is that of --password-file, else $IPMI_PASSWORD, else it is asked for.
`;

export function defineIpmi(noun: Command, context: Context): void {
  const ipmi = noun.command('ipmi');
  ipmi
    .description('ask and command a BMC by IPMI over LAN')
    .usage('<host> <command> [arguments] [options]')
    .argument('[host]', 'name or address of the BMC')
    .option('--password-file <file>', 'file with the password')
    .option('--port <number>', 'UDP port (default: 623)', parsePort)
    .option('--suite <number>', 'cipher suite; repeat in order of preference (default: 17, 3)', collect(parseByte))
    .option('--allow-none <what>', `allow suites without ${protections.join(' or ')}`, collect(parseUnprotected))
    .addOption(
      new Option('--privilege <level>', 'privilege level of the session')
        .choices(['callback', 'user', 'operator', 'administrator'])
        .default('administrator'),
    )
    .option('--kg-file <file>', 'file with the BMC key (Kg): text, or hexadecimal digits after 0x')
    .option('--ipmi15', 'speak IPMI 1.5, for old BMCs: nothing is encrypted')
    .option('--timeout <seconds>', 'longest wait for an answer (default: 10)', parseSeconds);
  takeCommandsAfter<ConnectionOptions>(ipmi, {
    place: 'host',
    notes,
    define: (commands, host, options) => defineCommands(commands, context, host, options),
  });
}
