// wrought node: everything about machines, put together from one file for each group of verbs.
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { definePassthru } from '../passthru.ts';
import { defineResource, type ResourceKind } from '../resource-commands.ts';
import { defineTrait } from '../trait.ts';
import { defineBootDevice } from './boot-device.ts';
import { defineBootMode } from './boot-mode.ts';
import { defineConsole } from './console.ts';
import { defineIndicator } from './indicator.ts';
import { defineInject } from './inject.ts';
import { defineMaintenance } from './maintenance.ts';
import { defineParts } from './parts.ts';
import { definePower } from './power.ts';
import { defineProvision } from './provision.ts';
import { defineRaid } from './raid.ts';
import { defineReports } from './reports.ts';
import { defineSwitchPorts } from './switch-ports.ts';
import { defineVif } from './vif.ts';
import { defineVirtualMedia } from './virtual-media.ts';
import { defineWatch } from './watch.ts';

const node: ResourceKind = {
  name: 'node',
  path: '/v1/nodes',
  listKey: 'nodes',
  columns: ['uuid', 'name', 'instance_uuid', 'power_state', 'provision_state', 'maintenance'],
  createExample: 'wrought node create driver=ipmi name=m1 driver_info.ipmi_address=192.0.2.1',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, node);
  defineProvision(noun, context);
  definePower(noun, context);
  defineParts(noun, context);
  defineConsole(noun, context);
  defineMaintenance(noun, context);
  defineBootDevice(noun, context);
  defineBootMode(noun, context);
  defineIndicator(noun, context);
  defineInject(noun, context);
  defineRaid(noun, context);
  defineVirtualMedia(noun, context);
  defineTrait(noun, context, node);
  defineVif(noun, context);
  defineSwitchPorts(noun, context);
  definePassthru(noun, context, node);
  defineReports(noun, context);
  defineWatch(noun, context);
}
