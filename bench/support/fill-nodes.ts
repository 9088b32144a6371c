// Puts many nodes into the database of a server that does not run, as copies of one that it made.
import { randomUUID } from 'node:crypto';
import { interfaceKindNames, type JsonObject, type Node } from '@wrought/contract';
import { insertNode } from '../../packages/server/src/store/nodes.ts';
import { openStore } from '../../packages/server/src/store/store.ts';

const INSERTED_AT_ONCE = 1_000;

/** Nodes that are in use, "node-0" and on; `driverInfo` says how each is reached. */
export async function fillNodes(
  database: string,
  pattern: Node,
  count: number,
  driverInfo: (at: number) => JsonObject,
): Promise<void> {
  const store = await openStore(database);
  try {
    const interfaces = Object.fromEntries(
      interfaceKindNames.map((kind) => [`${kind}_interface`, pattern[`${kind}_interface`]]),
    );
    for (let made = 0; made < count; made += INSERTED_AT_ONCE) {
      await store.transaction(async (trx) => {
        for (let at = made; at < Math.min(made + INSERTED_AT_ONCE, count); at += 1) {
          await insertNode(trx, {
            uuid: randomUUID(),
            name: `node-${at}`,
            driver: pattern.driver,
            provision_state: 'available',
            power_state: 'power off',
            driver_info: driverInfo(at),
            properties: { cpus: 32, memory_mb: 262_144, local_gb: 960, cpu_arch: 'x86_64' },
            ...interfaces,
          });
        }
      });
    }
  } finally {
    await store.close();
  }
}
