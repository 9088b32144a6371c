// A whole server whose power sync looks at every machine; all are switched on behind its back, and it is told when each was noticed.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, Node } from '@wrought/contract';
import { openInstallation } from '../../test/cluster/installation.ts';
import { fillNodes } from './fill-nodes.ts';
import { bmcUser, type Faults, type MachineKind, namesOf, type Place, startMachines } from './machines-process.ts';
import { cpuMilliseconds, memory } from './process-figures.ts';
import { percentile } from './statistics.ts';
import { figure, type Row } from './table.ts';
import { inTemporaryDirectory } from './temporary.ts';

const LOOK_MILLISECONDS = 500;
/** Rounds until what was not noticed is given up. */
const PATIENCE_ROUNDS = 4;

export interface PowerRoundOptions {
  /** Name of the rows. */
  readonly title: string;
  readonly machines: MachineKind;
  readonly count: number;
  readonly faults: Faults;
  readonly intervalSeconds: number;
  readonly driver: string;
  readonly driverInfo: (place: Place) => JsonObject;
  /** Rounds before the machines are switched: those make the sessions and learn who is silent. */
  readonly roundsBefore?: number;
  /** More of the configuration, as `section.key=value`. */
  readonly settings: readonly string[];
}

/** How simulated IPMI BMCs are reached, and how long silent ones are waited for. */
export const ipmiRound = {
  machines: 'bmc',
  driver: 'ipmi',
  driverInfo: ({ address }: Place): JsonObject => ({
    ipmi_address: address,
    ipmi_port: bmcUser.port,
    ipmi_username: bmcUser.userName,
    ipmi_password: bmcUser.password,
    ipmi_cipher_suite: '17',
  }),
  settings: ['drivers.enabled=["ipmi"]', 'ipmi.command_retry_timeout=10'],
} as const;

/** The same for simulated Redfish services. */
export const redfishRound = {
  machines: 'redfish',
  driver: 'redfish',
  driverInfo: ({ address }: Place): JsonObject => ({
    redfish_address: address,
    redfish_username: bmcUser.userName,
    redfish_password: bmcUser.password,
    redfish_verify_ca: false,
  }),
  settings: ['drivers.enabled=["redfish"]', 'redfish.read_timeout=10', 'redfish.connect_timeout=10'],
} as const;

/** One row: how long the healthy ones took to be noticed, and what that cost. */
export function powerRound(options: PowerRoundOptions): Promise<Row> {
  const { count, faults, intervalSeconds, driver } = options;
  return inTemporaryDirectory('power', async (directory) => {
    const { pids: simulators, places, switchAll, end } = await startMachines(options.machines, count, faults);
    const site = await openInstallation('', directory);
    try {
      const database = join(directory, 'many.db');
      const settings = [
        `database.path=${database}`,
        `conductor.sync_power_state_interval=${intervalSeconds}`,
        'conductor.lease_duration_seconds=30',
        'conductor.power_state_sync_max_retries=1000',
        'conductor.force_power_state_during_sync=false',
        ...options.settings,
      ];
      const first = await site.start('serve', 'all', settings);
      const [pattern] = await site.createNodes(first, 1, { driver });
      await site.end(first);
      await fillNodes(database, pattern as unknown as Node, count, (at) => options.driverInfo(places[at] as Place));
      const server = await site.start('serve', 'all', settings);
      await sleep(intervalSeconds * 1000 * (options.roundsBefore ?? 1));
      const withoutFault = places.flatMap(({ fault }, at) => (fault === null ? [`node-${at}`] : []));
      // Where all are slow, it is they who are told of.
      const watched = new Set(withoutFault.length === 0 ? places.map((_, at) => `node-${at}`) : withoutFault);
      const pids = [server.child.pid as number];
      const cpu = cpuMilliseconds(pids);
      const simulatorCpu = cpuMilliseconds(simulators);
      const begin = performance.now();
      const seconds = () => (performance.now() - begin) / 1000;
      switchAll('on');
      const noticed: number[] = [];
      while (noticed.length < watched.size && seconds() < intervalSeconds * PATIENCE_ROUNDS) {
        await sleep(LOOK_MILLISECONDS);
        let on = 0;
        for (let path: string | undefined = '/v1/nodes?limit=1000&fields=name,power_state'; path !== undefined; ) {
          const { body } = await site.call(server, 'GET', path);
          on += (body.nodes as Node[]).filter(
            ({ name, power_state }) => power_state === 'power on' && watched.has(name ?? ''),
          ).length;
          path = body.next === undefined ? undefined : body.next.replace(server.url, '');
        }
        while (noticed.length < on) noticed.push(seconds());
      }
      // Without the looks of this benchmark, which cost the server more than its own.
      const cpuQuiet = cpuMilliseconds(pids);
      await sleep(intervalSeconds * 1000);
      const cpuOfRound = (cpuMilliseconds(pids) - cpuQuiet) / count;
      const sorted = Float64Array.from(noticed).sort();
      const whole = seconds() * 10;
      return {
        [`${options.title}, a round is ${intervalSeconds} s`]: namesOf(faults),
        'noticed p50 s': figure(percentile(sorted, 0.5)),
        'p99 s': figure(percentile(sorted, 0.99)),
        'last s': figure(percentile(sorted, 1)),
        'not noticed': String(watched.size - noticed.length),
        'CPU ms/node and round': figure(cpuOfRound),
        'of one core': `${figure((cpuMilliseconds(pids) - cpu) / whole)} %`,
        simulator: `${figure((cpuMilliseconds(simulators) - simulatorCpu) / whole)} %`,
        'resident MB': figure(memory(pids).residentMegabytes),
      };
    } finally {
      await site.close();
      end();
    }
  });
}
