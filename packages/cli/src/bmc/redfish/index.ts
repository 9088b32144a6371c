// wrought bmc redfish: what operators ask and tell BMCs by Redfish every day; the URL stands before the command, the options anywhere.
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { takeCommandsAfter } from '../words-after.ts';
import { defineAccounts } from './accounts.ts';
import { defineBios } from './bios.ts';
import { defineBoot } from './boot.ts';
import { defineFirmware } from './firmware.ts';
import { defineGet } from './get.ts';
import { defineHealth } from './health.ts';
import { defineInfo } from './info.ts';
import { defineManagers } from './managers.ts';
import { defineMedia } from './media.ts';
import { defineNetwork } from './network.ts';
import { definePower } from './power.ts';
import { defineSensors } from './sensors.ts';
import { type ServiceOptions, serviceNotes, serviceOf, withServiceOptions } from './service.ts';
import { defineStorage } from './storage.ts';
import { defineTasks } from './tasks.ts';

const groups = [
  defineInfo,
  definePower,
  defineBoot,
  defineMedia,
  defineSensors,
  defineHealth,
  defineBios,
  defineFirmware,
  defineStorage,
  defineNetwork,
  defineAccounts,
  defineManagers,
  defineTasks,
  defineGet,
] as const;

interface RedfishOptions extends ServiceOptions {
  readonly system?: string;
}

export function defineRedfish(noun: Command, context: Context): void {
  const redfish = noun.command('redfish');
  redfish
    .description('ask and command a BMC by Redfish')
    .usage('<url> <command> [arguments] [options]')
    .argument('[url]', 'host, address or URL of the BMC; https unless it says http');
  withServiceOptions(redfish).option('--system <id>', 'which system, by id or path, where the BMC has several');
  takeCommandsAfter<RedfishOptions>(redfish, {
    place: 'url',
    notes: serviceNotes,
    define(commands, url, options) {
      const misused = (message: string): never => commands.error(`error: ${message}`);
      const service = serviceOf({ context, url, options, misused, system: options.system });
      for (const define of groups) {
        define(commands, service);
      }
    },
  });
}
