// The doors of a process among several: each request goes to the conductor that serves the node, in this process or in another.
import { type Node, registeredError } from '@wrought/contract';
import type { CallDoor, Doors, SignalDoor, StartDoor } from '../flows/doors.ts';
import { conductorOfRun } from '../store/runs.ts';
import type { Store } from '../store/store.ts';
import { type CallClient, type CallTarget, ConductorUnreachableError } from './call-client.ts';
import type { ClusterLog } from './log.ts';
import { type AskedStart, hasBegun } from './lost-answer.ts';
import type { Members } from './members.ts';
import { callMethod, callMethods, signalMethods, startMethods, vendorAnswerFromWire } from './methods.ts';

/** What needs no conductor: the drivers are the same in every process. */
export type LocalAnswers = Pick<
  CallDoor,
  'hasRaid' | 'drivers' | 'driverProperties' | 'resolveInterfaces' | 'withLock' | 'conductorOf'
> &
  Pick<CallDoor['vendor'], 'methodsOfNode' | 'methodsOfDriver'>;

export interface ClusterDoorOptions {
  readonly store: Store;
  readonly members: Members;
  readonly client: CallClient;
  readonly answers: LocalAnswers;
  readonly log: ClusterLog;
  /** The conductor in this process. */
  readonly local?: { readonly hostname: string; readonly doors: Doors };
}

/** Seconds after which a client asks again that met a conductor which is gone: it is taken over by then, or soon. */
const RETRY_AFTER_SECONDS = 5;

function gone(reason: string) {
  return registeredError('TemporaryFailure', { reason }, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

type AnyMethod = (...given: readonly unknown[]) => Promise<unknown>;

/** Makes the doors. */
export function clusterDoors({ store, members, client, answers, log, local }: ClusterDoorOptions): Doors {
  /** The conductor that has unfinished work on the node, or else the one that new work goes to. */
  async function ownerOf(node: Node): Promise<string> {
    const working = await conductorOfRun(store.read, node.id);
    const present = () => (working === undefined ? members.ownerOf(node) : (members.find(working)?.hostname ?? null));
    let owner = present();
    if (owner === null) {
      await members.refresh();
      owner = present();
    }
    if (owner === null && members.ownerOf(node) !== null) {
      throw gone(`Conductor ${working}, which works on node ${node.uuid}, is gone; another one is taking over.`);
    }
    if (owner === null) {
      throw registeredError('NoValidHost', {
        reason: `no conductor that is alive serves the driver "${node.driver}" in the conductor group "${node.conductor_group}", which node ${node.uuid} needs. Start one, or look why it stopped.`,
      });
    }
    return owner;
  }

  /** @throws RegisteredError where it takes no calls */
  function targetOf(hostname: string): CallTarget {
    const internalUrl = members.find(hostname)?.internalUrl ?? null;
    if (internalUrl === null) {
      throw gone(`Conductor ${hostname} takes no calls of other processes (cluster.listen).`);
    }
    return { hostname, internalUrl };
  }

  async function callOn(hostname: string, method: string, given: readonly unknown[]): Promise<unknown> {
    return hostname === local?.hostname
      ? callMethod(local.doors, method, given)
      : client.call(targetOf(hostname), method, given);
  }

  /** What the client of the API is told of a conductor that did not answer; where it is, is for the log. */
  function outward(error: unknown): unknown {
    if (!(error instanceof ConductorUnreachableError)) {
      return error;
    }
    const { hostname, mayHaveBegun } = error;
    log.warn({ err: error, conductor: hostname }, 'A conductor could not be asked.');
    return gone(
      mayHaveBegun
        ? `Conductor ${hostname} gave no answer. What was asked for may happen all the same: look at it before you ask again.`
        : `Conductor ${hostname} could not be reached, and nothing was begun. Try again in a little while.`,
    );
  }

  async function onOwner(node: Node, method: string, given: readonly unknown[]): Promise<unknown> {
    try {
      return await callOn(await ownerOf(node), method, given);
    } catch (error) {
      throw outward(error);
    }
  }

  const joinConsole: CallDoor['joinConsole'] = async (node, options) => {
    try {
      const owner = await ownerOf(node);
      return owner === local?.hostname
        ? await local.doors.call.joinConsole(node, options)
        : await client.joinConsole(targetOf(owner), [node, options]);
    } catch (error) {
      throw outward(error);
    }
  };

  /** A start whose answer got lost may have been stored. */
  async function start(request: AskedStart, method: string): Promise<unknown> {
    try {
      return await callOn(await ownerOf(request.node), method, [request]);
    } catch (error) {
      if (error instanceof ConductorUnreachableError && error.mayHaveBegun && (await hasBegun(store.read, request))) {
        log.warn(
          { err: error, node: request.node.uuid },
          'The answer of a conductor got lost; what it was asked for has begun.',
        );
        return undefined;
      }
      throw outward(error);
    }
  }

  function withNames<Names extends readonly string[], Door>(
    names: Names,
    make: (name: string) => AnyMethod,
  ): Pick<Door, Names[number] & keyof Door> {
    return Object.fromEntries(names.map((name) => [name, make(name)])) as Pick<Door, Names[number] & keyof Door>;
  }
  const ofNode =
    (door: 'call' | 'signal') =>
    (name: string): AnyMethod =>
    (...given) =>
      onOwner(given[0] as Node, `${door}.${name}`, given);

  /** Any conductor will do; what nobody takes now is found by the periodic look for lost allocations. */
  function allocate(id: number): void {
    const keeper = local?.hostname ?? members.keeperOf(`allocation ${id}`);
    if (keeper !== null) {
      callOn(keeper, 'start.allocate', [id]).catch((error: unknown) =>
        log.warn({ err: error, allocation: id }, 'The search for a node could not be begun; it is begun later.'),
      );
    }
  }

  const vendor: CallDoor['vendor'] = {
    methodsOfNode: answers.methodsOfNode,
    methodsOfDriver: answers.methodsOfDriver,
    callOfNode: async (node, request) =>
      vendorAnswerFromWire(await onOwner(node, 'vendor.callOfNode', [node, request])),
    async callOfDriver(driver, request) {
      const hosts = members.hostsOf(driver);
      const host = hosts.includes(local?.hostname ?? '') ? local?.hostname : hosts[0];
      if (host === undefined) {
        throw registeredError('DriverNotFound', {
          driver,
          valid: answers
            .drivers()
            .map(({ name }) => name)
            .join(', '),
        });
      }
      try {
        return vendorAnswerFromWire(await callOn(host, 'vendor.callOfDriver', [driver, request]));
      } catch (error) {
        throw outward(error);
      }
    },
  };

  return {
    start: {
      ...withNames<typeof startMethods, StartDoor>(
        startMethods,
        (name) =>
          (...given) =>
            start(given[0] as AskedStart, `start.${name}`),
      ),
      allocate,
    },
    call: {
      ...withNames<typeof callMethods, CallDoor>(callMethods, ofNode('call')),
      vendor,
      joinConsole,
      hasRaid: answers.hasRaid,
      drivers: answers.drivers,
      driverProperties: answers.driverProperties,
      resolveInterfaces: answers.resolveInterfaces,
      withLock: answers.withLock,
      conductorOf: answers.conductorOf,
    },
    signal: withNames<typeof signalMethods, SignalDoor>(signalMethods, ofNode('signal')),
  };
}
