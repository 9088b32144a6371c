// The provision and power state machines of the Bare Metal API: states, events, verbs, and the sets of states that rules refer to.

/** One provision state. `transient` states are left by the service itself; `target` is what a node in it is heading for. */
interface ProvisionStateFacts {
  readonly stable: boolean;
  readonly transient: boolean;
  readonly target: 'active' | 'available' | 'manageable' | 'rescue' | null;
  readonly meaning: string;
}

export const provisionStates = {
  enroll: { stable: true, transient: false, target: null, meaning: 'registered, not verified' },
  manageable: { stable: true, transient: false, target: null, meaning: 'verified; not schedulable' },
  available: { stable: true, transient: false, target: null, meaning: 'cleaned and schedulable' },
  active: { stable: true, transient: false, target: null, meaning: 'instance deployed' },
  error: { stable: true, transient: false, target: null, meaning: 'tear down failed' },
  rescue: { stable: true, transient: false, target: null, meaning: 'running the rescue ramdisk' },
  verifying: { stable: false, transient: true, target: 'manageable', meaning: 'credentials being checked' },
  deploying: { stable: false, transient: true, target: 'active', meaning: 'deploy work running in the conductor' },
  'wait call-back': { stable: false, transient: true, target: 'active', meaning: 'waiting for the deploy ramdisk' },
  'deploy failed': { stable: false, transient: false, target: 'active', meaning: 'deploy did not finish' },
  'deploy hold': { stable: false, transient: false, target: 'active', meaning: 'paused by a hold step during deploy' },
  cleaning: { stable: false, transient: true, target: 'available', meaning: 'clean work running in the conductor' },
  'clean wait': {
    stable: false,
    transient: true,
    target: 'available',
    meaning: 'waiting for the cleaning ramdisk or an async step',
  },
  'clean failed': {
    stable: false,
    transient: false,
    target: 'available',
    meaning: 'clean did not finish; usually in maintenance',
  },
  'clean hold': {
    stable: false,
    transient: false,
    target: 'available',
    meaning: 'paused by a hold step during cleaning',
  },
  deleting: { stable: false, transient: true, target: 'available', meaning: 'tear down running' },
  inspecting: { stable: false, transient: true, target: 'manageable', meaning: 'inspection work in the conductor' },
  'inspect failed': { stable: false, transient: false, target: 'manageable', meaning: 'inspection did not finish' },
  'inspect wait': {
    stable: false,
    transient: true,
    target: 'manageable',
    meaning: 'waiting for the inspection ramdisk',
  },
  adopting: { stable: false, transient: true, target: 'active', meaning: 'taking over an already deployed machine' },
  'adopt failed': { stable: false, transient: false, target: 'active', meaning: 'adoption did not finish' },
  rescuing: { stable: false, transient: true, target: 'rescue', meaning: 'rescue work in the conductor' },
  'rescue wait': { stable: false, transient: true, target: 'rescue', meaning: 'waiting for the rescue ramdisk' },
  'rescue failed': { stable: false, transient: false, target: 'rescue', meaning: 'rescue did not finish' },
  unrescuing: { stable: false, transient: true, target: 'active', meaning: 'returning from rescue' },
  'unrescue failed': {
    stable: false,
    transient: false,
    target: 'active',
    meaning: 'return from rescue did not finish',
  },
  servicing: { stable: false, transient: true, target: 'active', meaning: 'service steps running in the conductor' },
  'service wait': {
    stable: false,
    transient: true,
    target: 'active',
    meaning: 'waiting for the service ramdisk or an async step',
  },
  'service failed': { stable: false, transient: false, target: 'active', meaning: 'service did not finish' },
  'service hold': {
    stable: false,
    transient: false,
    target: 'active',
    meaning: 'paused by a hold step during service',
  },
} as const satisfies Record<string, ProvisionStateFacts>;

export type ProvisionState = keyof typeof provisionStates;

/** `[from, event, to]`: everything that may happen to a provision state. */
export const transitions = [
  ['available', 'deploy', 'deploying'],
  ['deploying', 'fail', 'deploy failed'],
  ['deploy failed', 'rebuild', 'deploying'],
  ['deploy failed', 'deploy', 'deploying'],
  ['deploying', 'wait', 'wait call-back'],
  ['deploying', 'hold', 'deploy hold'],
  ['wait call-back', 'hold', 'deploy hold'],
  ['wait call-back', 'resume', 'deploying'],
  ['wait call-back', 'fail', 'deploy failed'],
  ['deploy hold', 'unhold', 'wait call-back'],
  ['deploy hold', 'abort', 'deploy failed'],
  ['wait call-back', 'abort', 'deploy failed'],
  ['deploying', 'done', 'active'],
  ['active', 'rebuild', 'deploying'],
  ['active', 'delete', 'deleting'],
  ['wait call-back', 'delete', 'deleting'],
  ['deploy failed', 'delete', 'deleting'],
  ['deleting', 'fail', 'error'],
  ['deleting', 'clean', 'cleaning'],
  ['cleaning', 'done', 'available'],
  ['cleaning', 'fail', 'clean failed'],
  ['clean wait', 'fail', 'clean failed'],
  ['clean wait', 'abort', 'clean failed'],
  ['cleaning', 'wait', 'clean wait'],
  ['cleaning', 'hold', 'clean hold'],
  ['clean wait', 'hold', 'clean hold'],
  ['clean wait', 'resume', 'cleaning'],
  ['clean hold', 'abort', 'clean failed'],
  ['clean hold', 'unhold', 'clean wait'],
  ['clean failed', 'manage', 'manageable'],
  ['manageable', 'provide', 'cleaning'],
  ['manageable', 'clean', 'cleaning'],
  ['cleaning', 'manage', 'manageable'],
  ['available', 'manage', 'manageable'],
  ['error', 'rebuild', 'deploying'],
  ['error', 'delete', 'deleting'],
  ['manageable', 'inspect', 'inspecting'],
  ['inspecting', 'done', 'manageable'],
  ['inspecting', 'fail', 'inspect failed'],
  ['inspecting', 'wait', 'inspect wait'],
  ['inspect wait', 'done', 'manageable'],
  ['inspect wait', 'fail', 'inspect failed'],
  ['inspect wait', 'abort', 'inspect failed'],
  ['inspect wait', 'resume', 'inspecting'],
  ['inspect failed', 'manage', 'manageable'],
  ['inspect failed', 'inspect', 'inspecting'],
  ['active', 'rescue', 'rescuing'],
  ['rescuing', 'done', 'rescue'],
  ['rescuing', 'wait', 'rescue wait'],
  ['rescue wait', 'resume', 'rescuing'],
  ['rescue', 'rescue', 'rescuing'],
  ['rescue', 'delete', 'deleting'],
  ['rescue wait', 'fail', 'rescue failed'],
  ['rescuing', 'fail', 'rescue failed'],
  ['rescue wait', 'abort', 'rescue failed'],
  ['rescue failed', 'rescue', 'rescuing'],
  ['rescue failed', 'unrescue', 'unrescuing'],
  ['rescue failed', 'delete', 'deleting'],
  ['rescue wait', 'delete', 'deleting'],
  ['rescue', 'unrescue', 'unrescuing'],
  ['unrescuing', 'done', 'active'],
  ['unrescuing', 'fail', 'unrescue failed'],
  ['unrescue failed', 'rescue', 'rescuing'],
  ['unrescue failed', 'unrescue', 'unrescuing'],
  ['unrescue failed', 'delete', 'deleting'],
  ['enroll', 'manage', 'verifying'],
  ['verifying', 'done', 'manageable'],
  ['verifying', 'fail', 'enroll'],
  ['manageable', 'adopt', 'adopting'],
  ['adopting', 'done', 'active'],
  ['adopting', 'fail', 'adopt failed'],
  ['adopt failed', 'adopt', 'adopting'],
  ['adopt failed', 'manage', 'manageable'],
  ['servicing', 'done', 'active'],
  ['active', 'service', 'servicing'],
  ['servicing', 'fail', 'service failed'],
  ['servicing', 'wait', 'service wait'],
  ['servicing', 'hold', 'service hold'],
  ['service wait', 'hold', 'service hold'],
  ['service hold', 'service', 'servicing'],
  ['service hold', 'unhold', 'service wait'],
  ['service wait', 'resume', 'servicing'],
  ['service wait', 'fail', 'service failed'],
  ['service hold', 'fail', 'service failed'],
  ['service wait', 'abort', 'service failed'],
  ['service hold', 'abort', 'service failed'],
  ['service failed', 'service', 'servicing'],
  ['service failed', 'rescue', 'rescuing'],
  ['service failed', 'wait', 'service wait'],
  ['service failed', 'hold', 'service hold'],
  ['service failed', 'delete', 'deleting'],
  ['service failed', 'abort', 'active'],
  ['service wait', 'delete', 'deleting'],
] as const satisfies readonly (readonly [ProvisionState, string, ProvisionState])[];

export type ProvisionEvent = (typeof transitions)[number][1];

/** A provision verb as clients send it in `target`; `since` is the minor version that introduced it (0: never checked). */
interface Verb {
  readonly event: ProvisionEvent;
  readonly since: number;
}

export const verbs = {
  active: { event: 'deploy', since: 1 },
  deploy: { event: 'deploy', since: 73 },
  rebuild: { event: 'rebuild', since: 1 },
  deleted: { event: 'delete', since: 1 },
  undeploy: { event: 'delete', since: 0 },
  manage: { event: 'manage', since: 4 },
  provide: { event: 'provide', since: 4 },
  inspect: { event: 'inspect', since: 6 },
  abort: { event: 'abort', since: 13 },
  clean: { event: 'clean', since: 15 },
  adopt: { event: 'adopt', since: 17 },
  rescue: { event: 'rescue', since: 38 },
  unrescue: { event: 'unrescue', since: 38 },
  unhold: { event: 'unhold', since: 85 },
  service: { event: 'service', since: 87 },
} as const satisfies Record<string, Verb>;

export type ProvisionVerb = keyof typeof verbs;

/** Verbs that are refused while a node is in maintenance. */
export const verbsRefusedInMaintenance: ReadonlySet<ProvisionVerb> = new Set<ProvisionVerb>([
  'active',
  'deploy',
  'rebuild',
  'clean',
  'rescue',
  'unrescue',
  'service',
]);

/** Verbs that are refused while a node is protected. */
export const verbsRefusedWhenProtected: ReadonlySet<ProvisionVerb> = new Set<ProvisionVerb>([
  'deleted',
  'undeploy',
  'rebuild',
]);

/** States in which PATCH works although a target provision state is set. */
export const updateAllowedStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'deploy failed',
  'inspecting',
  'inspect failed',
  'inspect wait',
  'clean failed',
  'error',
  'verifying',
  'adopt failed',
  'rescue failed',
  'unrescue failed',
  'service hold',
  'service failed',
]);

/** States in which interfaces may be changed (any state in maintenance). */
export const interfaceUpdateStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'enroll',
  'inspecting',
  'inspect wait',
  'manageable',
  'available',
]);

/** States in which a resource class that is set may be changed. */
export const resourceClassChangeStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'enroll',
  'inspecting',
  'inspect wait',
  'manageable',
  'available',
]);

/** States in which a node may be protected. */
export const protectedSettableStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>(['active', 'rescue']);

/** States in which the connectivity of a port may be changed (any state in maintenance). */
export const portConnectivityUpdateStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'enroll',
  'inspecting',
  'inspect wait',
  'manageable',
]);

/** States in which a ramdisk may look up its node. */
export const lookupStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'clean wait',
  'cleaning',
  'deploying',
  'inspect wait',
  'inspecting',
  'rescue wait',
  'rescuing',
  'service wait',
  'wait call-back',
]);

/** States in which heartbeats are accepted. */
export const heartbeatStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'wait call-back',
  'clean wait',
  'rescue wait',
  'deploying',
  'cleaning',
  'rescuing',
  'deploy hold',
  'clean hold',
  'servicing',
  'service wait',
  'service hold',
]);

/** States that the power state sync leaves alone. */
export const powerSyncExcludedStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'wait call-back',
  'clean wait',
  'enroll',
  'adopt failed',
]);

/** States in which the API refuses power actions. */
export const powerChangeRefusedStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'cleaning',
  'clean wait',
]);

/** States of servicing. */
export const servicingStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'service failed',
  'service hold',
  'service wait',
  'servicing',
]);

/** States of rescue: a tear-down that begins in one of them cleans up after the rescue ramdisk first. */
export const rescueStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'rescue',
  'rescue wait',
  'rescue failed',
  'unrescue failed',
]);

/** States of inspection. */
export const inspectionStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'inspect failed',
  'inspect wait',
  'inspecting',
]);

/** States from which a node may be deleted out of maintenance (`available` by configuration). */
export const deleteStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'manageable',
  'enroll',
  'adopt failed',
  'available',
]);

/** States in which an instance may be taken from a node that was allocated to it. */
export const instanceRemovalStates: ReadonlySet<ProvisionState> = new Set<ProvisionState>([
  'enroll',
  'inspecting',
  'inspect wait',
  'manageable',
  'available',
]);

export const faults = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'] as const;
export type Fault = (typeof faults)[number];

export type PowerState = 'power on' | 'power off' | 'rebooting' | 'soft rebooting' | 'soft power off' | 'error';

/** Power targets that a client may ask for: the minor version and the state the node ends in. */
export const powerTargets = {
  'power on': { since: 1, end: 'power on' },
  'power off': { since: 1, end: 'power off' },
  rebooting: { since: 1, end: 'power on' },
  'soft rebooting': { since: 27, end: 'power on' },
  'soft power off': { since: 27, end: 'power off' },
} as const satisfies Record<string, { since: number; end: PowerState }>;

export type PowerTarget = keyof typeof powerTargets;

const transitionTable: ReadonlyMap<string, ProvisionState> = new Map(
  transitions.map(([from, event, to]) => [`${from}/${event}`, to]),
);

/** The state that `event` leads to from `from`, or undefined when the machine has no such transition. */
export function nextState(from: ProvisionState, event: ProvisionEvent): ProvisionState | undefined {
  return transitionTable.get(`${from}/${event}`);
}

/** Whether `value` is a provision verb. */
export function isProvisionVerb(value: string): value is ProvisionVerb {
  return Object.hasOwn(verbs, value);
}

/** Whether `value` is a provision state. */
export function isProvisionState(value: string): value is ProvisionState {
  return Object.hasOwn(provisionStates, value);
}

/** Whether `value` is a power target. */
export function isPowerTarget(value: string): value is PowerTarget {
  return Object.hasOwn(powerTargets, value);
}
