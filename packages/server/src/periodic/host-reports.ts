// Reports to Neutron, for each machine of this conductor, that it is there and which physical networks it is on.
//
// There is no list of machines to keep and no ring of agents: every run reads the ports, and the conductor that serves a node reports it.
import type { EngineContext } from '../flows/engine/context.ts';
import { physicalNetworksOfNodes } from '../store/physical-networks.ts';
import type { PeriodicTask } from './task.ts';

/** Hands reports to Neutron. @throws Error that says why it took none */
export type HostTeller = (
  hosts: readonly {
    readonly host: string;
    readonly physicalNetworks: readonly string[];
    readonly isChanged: boolean;
  }[],
  abortSignal?: AbortSignal,
) => Promise<void>;

/** Makes the task; without a teller there is nobody to tell. */
export function hostReports(context: EngineContext, tell: HostTeller | undefined): PeriodicTask {
  /** What was told last, by node. */
  let told = new Map<string, string>();
  let lastReason = '';
  return {
    name: 'reports of hosts to Neutron',
    everySeconds: tell === undefined ? 0 : context.config().neutron.host_report_interval,
    async run(signal) {
      const all = await physicalNetworksOfNodes(context.store.read);
      const mine = all.filter(({ node }) => context.members.ownerOf(node) === context.lease.hostname);
      const now = new Map(mine.map(({ node, physicalNetworks }) => [node.uuid, physicalNetworks.join('\n')]));
      const reports = mine.map(({ node: { uuid }, physicalNetworks }) => ({
        host: uuid,
        physicalNetworks,
        isChanged: told.get(uuid) !== now.get(uuid),
      }));
      if (reports.length === 0 || tell === undefined) {
        return;
      }
      try {
        await tell(reports, signal);
        told = now;
        lastReason = '';
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        // A broker that is away for an hour is told of once.
        if (reason !== lastReason && signal?.aborted !== true) {
          context.log.warn(
            { hosts: reports.length, reason },
            'Neutron was not told which physical networks machines are on; it is tried again.',
          );
        }
        lastReason = reason;
      }
    },
  };
}
