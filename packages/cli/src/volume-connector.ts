// wrought volume-connector: how machines reach storage on the network.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineResource, type ResourceKind } from './resource-commands.ts';

const connector: ResourceKind = {
  name: 'volume-connector',
  path: '/v1/volume/connectors',
  listKey: 'connectors',
  columns: ['uuid', 'node_uuid', 'type', 'connector_id'],
  createExample: 'wrought volume-connector create node_uuid=UUID type=iqn connector_id=iqn.2026-01.example:node1',
};

export function define(noun: Command, context: Context): void {
  defineResource(noun, context, connector);
}
