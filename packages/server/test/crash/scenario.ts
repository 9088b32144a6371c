// What a scenario of the harness says: the beginning of a node, the request, and where it must end.
import type { Node, Port, ProvisionState } from '@wrought/contract';
import type { StartDoor } from '../../src/flows/doors.ts';
import type { NewNode } from '../../src/store/nodes.ts';
import type { MachineOptions } from './recorder-machine.ts';

export interface Scenario {
  readonly name: string;
  /** Which implementation it goes through, where the same step is worth a test with more than one: "direct", say. */
  readonly variant: string;
  /** Who carries out the steps that it is there for; undefined: everybody. */
  readonly covers?: 'agent';
  /** Fields of the node at the beginning; the hardware type is "recorder" unless they say otherwise. */
  readonly node: Partial<NewNode> & { readonly provision_state: ProvisionState };
  /** Its network cards, if it has any in the database. */
  readonly ports?: readonly Pick<Port, 'address' | 'local_link_connection' | 'extra'>[];
  readonly machine: MachineOptions;
  /** Configuration, as `--set` takes it. */
  readonly set: readonly string[];
  begin(start: StartDoor, node: Node): Promise<void>;
  /** The state in which the node must end when nothing that must not be repeated was cut off. */
  readonly goal: ProvisionState;
  /** The state in which it must end when it was. */
  readonly failed: ProvisionState;
}

/** Who asks. */
export const requester = { requestId: 'req-crash', user: 'crash-harness', project: null };
/** A machine that is off and has nothing. */
export const machine: MachineOptions = { power: 'power off', vifs: [], foreignAgent: false };
