// wrought bmc: speaks to a BMC itself, without a server.
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { defineCapture } from './capture/index.ts';
import { defineIpmi } from './ipmi.ts';
import { defineRedfish } from './redfish/index.ts';

export function define(noun: Command, context: Context): void {
  defineIpmi(noun, context);
  defineRedfish(noun, context);
  defineCapture(noun, context);
}
