// Takes what the ramdisk of an inspection told: stores it with what its hooks learned, and tells the run that waits for it.
import { type Node, registeredError } from '@wrought/contract';
import { type InspectionData, InspectionFailure } from '../inspection/hooks/hook.ts';
import { bootCards, runInspectionHooks } from '../inspection/hooks/index.ts';
import { addMissingPorts, describePorts } from '../store/inspection.ts';
import { writeInventory } from '../store/inventories.ts';
import { findNodeById, mergeObject, updateNode } from '../store/nodes.ts';
import { unfinishedRunOf, updateRun } from '../store/runs.ts';
import type { StoreTransaction } from '../store/store.ts';
import type { InspectionReport } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { nodeLocked } from './locks.ts';

type Learned = { readonly finding: ReturnType<typeof runInspectionHooks> } | { readonly failure: string };

function learn(report: InspectionReport, physicalNetworks: InspectionData['physicalNetworks']): Learned {
  try {
    return { finding: runInspectionHooks({ ...report, physicalNetworks }) };
  } catch (error) {
    if (error instanceof InspectionFailure) {
      return { failure: error.message };
    }
    throw error;
  }
}

/** Makes the function behind the signal door. */
export function createInspectionDoor(context: EngineContext, engine: Engine) {
  async function addPorts(trx: StoreTransaction, node: Node, addresses: readonly string[]) {
    for (const address of await addMissingPorts(trx, node.id, addresses)) {
      context.log.warn({ node: node.uuid, address }, 'A network card of an inspected machine belongs to another node.');
    }
  }

  return async (node: Node, report: InspectionReport): Promise<void> => {
    const learned = learn(report, context.config().inspector.physical_network_cidr_map);
    await context.store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      const run = await unfinishedRunOf(trx, node.id, 'provision');
      if (fresh === undefined || fresh.provision_state !== 'inspect wait' || run?.flow !== 'inspect') {
        throw registeredError('NotFound', { reason: `Node ${node.uuid} waits for no inspection.` });
      }
      if (fresh.reservation !== null) {
        throw nodeLocked(fresh, 1);
      }
      const more = 'finding' in learned ? learned.finding.pluginData : {};
      await writeInventory(trx, node.id, report.inventory, { ...report.pluginData, ...more });
      if ('finding' in learned) {
        await addPorts(trx, fresh, bootCards(learned.finding));
        await describePorts(trx, fresh.id, learned.finding.ports);
        await updateNode(trx, fresh, { properties: mergeObject(fresh.properties, learned.finding.properties) });
      }
      const outcome = 'failure' in learned ? { inspection_failure: learned.failure } : {};
      await updateRun(trx, run.id, { memory: { ...run.memory, inspection_received: true, ...outcome } });
    });
    context.timeline.add(node.id, { kind: 'inspection', message: 'The ramdisk told what hardware the machine has.' });
    await engine.signal(node.id, { kind: 'inspection', payload: {} });
  };
}
