// The node and its ports as commands carry them to the agent: what its hardware managers read, without secrets.
import type { AgentNode, JsonObject, Port } from '@wrought/contract';
import type { Task } from '../kit/index.ts';

const SECRET_KEY = /password|secret|token|_key$|credential/i;

/** Members whose names promise a secret are left out, at any depth. */
function withoutSecrets(object: JsonObject): JsonObject {
  const members = Object.entries(object)
    .filter(([key]) => !SECRET_KEY.test(key))
    .map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? withoutSecrets(value as JsonObject)
        : value,
    ]);
  return Object.fromEntries(members);
}

export function nodeForAgent({ node }: Task): AgentNode {
  // The config drive goes as an argument of its own; it may be megabytes.
  const { configdrive: _left, ...instance_info } = node.instance_info;
  return {
    uuid: node.uuid,
    name: node.name,
    driver: node.driver,
    driver_info: withoutSecrets(node.driver_info),
    driver_internal_info: withoutSecrets(node.driver_internal_info),
    extra: node.extra,
    instance_info: withoutSecrets(instance_info),
    properties: node.properties,
    provision_state: node.provision_state,
    raid_config: node.raid_config,
    target_raid_config: node.target_raid_config,
    traits: node.traits,
  };
}

function portForAgent(port: Port): JsonObject {
  const { uuid, address, name, extra, internal_info, local_link_connection, physical_network, pxe_enabled } = port;
  return {
    uuid,
    address,
    name,
    extra,
    internal_info,
    local_link_connection,
    physical_network,
    pxe_enabled,
    node_uuid: port.node_uuid,
  };
}

export function portsForAgent({ ports }: Task): JsonObject[] {
  return ports.map(portForAgent);
}
