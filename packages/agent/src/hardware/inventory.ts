// Puts the hardware inventory together, in the shape of Ironic's agent.
import { hostname } from 'node:os';
import type { Inventory } from '@wrought/contract';
import type { AgentContext } from '../extensions/extension.ts';
import { type BmcAddresses, readBmcAddresses } from './bmc.ts';
import { readCpu, readMemory } from './cpu-memory.ts';
import { listDisks, toInventoryDisk } from './disks.ts';
import { readInterfaces } from './interfaces.ts';
import { collectLldp } from './lldp.ts';
import { readBoot, readSystemVendor } from './system.ts';

const NO_BMC: BmcAddresses = { bmc_address: null, bmc_v6address: null, bmc_mac: null };

async function readLldp(agent: AgentContext): Promise<Map<string, [number, string][]>> {
  if (!agent.settings.collectLldp) return new Map();
  const names = readInterfaces(agent.systemRoot).filter((nic) => nic.has_carrier);
  return collectLldp(
    names.map((nic) => nic.name),
    agent.settings.lldpTimeoutSeconds,
    agent.run,
    agent.log,
  );
}

/** Reads the whole inventory; asks the BMC unless the server's configuration says not to. */
export async function readInventory(agent: AgentContext): Promise<Inventory> {
  const skipsBmc = agent.config?.agent_skip_bmc_detect === true;
  const [disks, memory, bmc, lldp] = await Promise.all([
    listDisks(agent.run),
    readMemory(agent.run, agent.systemRoot),
    skipsBmc ? NO_BMC : readBmcAddresses(agent.run, agent.log, agent.systemRoot),
    readLldp(agent),
  ]);
  return {
    interfaces: readInterfaces(agent.systemRoot, lldp),
    cpu: readCpu(agent.systemRoot),
    memory,
    disks: disks.map(toInventoryDisk),
    ...bmc,
    system_vendor: readSystemVendor(agent.systemRoot),
    boot: readBoot(agent.settings.bootInterface, agent.systemRoot),
    hostname: hostname(),
  };
}
