// The three doors through which the API reaches the conductor's side: start work, call the owner, signal a run.
import type {
  ConsoleInfo,
  HeartbeatBody,
  Indicator,
  IndicatorComponent,
  IndicatorState,
  IndicatorTarget,
  InterfaceField,
  InterfaceKind,
  JsonObject,
  Node,
  Port,
  PowerTarget,
  ProvisionVerb,
  RequestedStep,
  VirtualMediaType,
  VirtualMedium,
} from '@wrought/contract';
import type {
  CarrierChange,
  ConsoleLine,
  ConsoleLineOptions,
  ScreenTicket,
  SwitchPort,
  VendorCall,
  VendorHttpMethod,
  VifCaller,
} from '../drivers/kit/index.ts';
import type { NodeChanges } from '../store/nodes.ts';

/** Who asked, for the journal and the history. */
export interface Requester {
  readonly requestId: string;
  readonly user: string | null;
  readonly project: string | null;
  /** The place of the request in a trace. */
  readonly trace?: string | null;
}

/** A provision request that passed the API's own checks (version, policy, schema). */
export interface ProvisionRequest {
  readonly node: Node;
  readonly verb: ProvisionVerb;
  readonly configdrive?: string | JsonObject;
  readonly deploySteps?: readonly RequestedStep[];
  readonly cleanSteps?: readonly RequestedStep[];
  readonly serviceSteps?: readonly RequestedStep[];
  readonly rescuePassword?: string;
  readonly disableRamdisk?: boolean;
  readonly requester: Requester;
}

export interface PowerRequest {
  readonly node: Node;
  readonly target: PowerTarget;
  readonly timeoutSeconds?: number;
  readonly requester: Requester;
}

/** Something that is asked of a machine beside its provisioning. */
export interface NodeAction {
  readonly node: Node;
  readonly requester: Requester;
}

/** Every method throws an error of the registry when it refuses. */
export interface StartDoor {
  /** Begins the flow of a verb (or makes a transition that needs no work); resolves when it is stored. */
  provision(request: ProvisionRequest): Promise<void>;
  /** Begins a power action; resolves when it is stored. */
  power(request: PowerRequest): Promise<void>;
  /** Begins to look for a node for the stored allocation of this number; returns at once. */
  allocate(id: number): void;
  /** Begins a change of the boot mode; whether the machine can is told by last_error. */
  bootMode(request: NodeAction & { readonly mode: 'bios' | 'uefi' }): Promise<void>;
  secureBoot(request: NodeAction & { readonly isOn: boolean }): Promise<void>;
  /** Begins to open or close the console; refuses where there is none. */
  console(request: NodeAction & { readonly isEnabled: boolean }): Promise<void>;
  attachVirtualMedium(request: NodeAction & { readonly medium: VirtualMedium }): Promise<void>;
  /** No types: all of them. */
  detachVirtualMedia(request: NodeAction & { readonly types: readonly VirtualMediaType[] }): Promise<void>;
}

export interface InterfaceValidation {
  readonly result: boolean | null;
  readonly reason?: string;
}

export interface BootDevice {
  readonly boot_device: string | null;
  readonly persistent: boolean | null;
}

/** One enabled hardware type with the interfaces that it may use here. */
export interface DriverSummary {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly type: 'dynamic';
  readonly defaultInterfaces: Readonly<Record<InterfaceKind, string | null>>;
  readonly enabledInterfaces: Readonly<Record<InterfaceKind, readonly string[]>>;
}

export interface VifAttachment {
  readonly id: string;
  readonly port_uuid?: string;
  readonly portgroup_uuid?: string;
  readonly [key: string]: unknown;
}

/** One method of a vendor interface, as clients see it. */
export interface VendorMethodSummary {
  readonly name: string;
  readonly httpMethods: readonly VendorHttpMethod[];
  readonly description: string;
  readonly isAsync: boolean;
  readonly attach: boolean;
  /** Absent for methods of a hardware type, which take no lock. */
  readonly requireExclusiveLock?: boolean;
}

export interface VendorRequest extends VendorCall {
  readonly method: string;
  readonly requester: Requester;
}

/** `accepted`: it runs in the background. `json`: its result. `raw`: its result as it is to be sent. */
export type VendorAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'raw'; readonly content: string | Uint8Array };

/** The methods of vendor interfaces. They throw for a method that does not exist or does not take the HTTP method. */
export interface VendorDoor {
  methodsOfNode(node: Node): readonly VendorMethodSummary[];
  /** Takes the node's lock unless the method needs none. */
  callOfNode(node: Node, request: VendorRequest): Promise<VendorAnswer>;
  /** Of the vendor interface that the hardware type has by default; throws DriverNotFound. */
  methodsOfDriver(driver: string): readonly VendorMethodSummary[];
  callOfDriver(driver: string, request: VendorRequest): Promise<VendorAnswer>;
}

/** Synchronous work on the conductor that owns the node. Every method throws an error of the registry when it refuses. */
export interface CallDoor {
  readonly vendor: VendorDoor;
  validate(node: Node): Promise<Record<InterfaceKind, InterfaceValidation>>;
  /** Takes the node's lock. */
  getBootDevice(node: Node): Promise<BootDevice>;
  /** Takes the node's lock. */
  setBootDevice(node: Node, device: string, persistent: boolean): Promise<void>;
  supportedBootDevices(node: Node): Promise<readonly string[]>;
  /** Takes the node's lock. */
  injectNmi(node: Node): Promise<void>;
  indicators(node: Node): Promise<readonly Indicator[]>;
  /** Takes the node's lock. */
  getIndicator(node: Node, component: IndicatorComponent, name: string): Promise<IndicatorState>;
  /** Takes the node's lock. */
  setIndicator(node: Node, component: IndicatorComponent, name: string, state: IndicatorTarget): Promise<void>;
  virtualMedia(node: Node): Promise<readonly object[]>;
  /** Where the open console of the node is; null when it is closed, or there is none. */
  consoleInfo(node: Node): Promise<ConsoleInfo | null>;
  /** Joins a listener to the serial console of the node, or who has a ticket to its screen; refuses where it is switched off, or none. */
  joinConsole(node: Node, options: ConsoleLineOptions | ScreenTicket): Promise<ConsoleLine>;
  /** Closes what is open of the console of a node that is being deleted. */
  dropConsole(node: Node): Promise<void>;
  /** Whether logical disks can be asked of the node. */
  hasRaid(node: Node): boolean;
  /** The ports of the node's switches, as they are to be and as they are; refuses where this program configures no switch. */
  switchPorts(node: Node): Promise<readonly SwitchPort[]>;
  listVifs(node: Node): Promise<readonly { id: string }[]>;
  /** Takes the node's lock. */
  attachVif(node: Node, vif: VifAttachment, caller: VifCaller): Promise<void>;
  /** Takes the node's lock; without it where others work on a node whose instance is going or gone. */
  detachVif(node: Node, vifId: string): Promise<void>;
  /** Tells the network service of a change of what carries a VIF; called while `withLock` is held. */
  changeCarrier(node: Node, change: CarrierChange): Promise<void>;
  /** Enabled hardware types, sorted by name. */
  drivers(): readonly DriverSummary[];
  /** `{key: description}` of the driver_info keys of a hardware type; throws DriverNotFound. */
  driverProperties(driver: string): Readonly<Record<string, string>>;
  /**
   * The interfaces of a node: what the client named, else the default of the hardware type. Throws when the hardware type or
   * an interface is unknown, not enabled or not supported.
   */
  resolveInterfaces(
    driver: string,
    named: Readonly<Partial<Record<InterfaceField, string | null>>>,
  ): Record<InterfaceField, string>;
  /**
   * Runs `work` while the node is reserved for `purpose`. Waits a bounded time for the lock, then throws NodeLocked with
   * holder, age and purpose. The node handed to `work` is fresh.
   */
  withLock<Result>(node: Node, purpose: string, work: (node: Node) => Promise<Result>): Promise<Result>;
  /** The conductor that serves the node, or null when none does. */
  conductorOf(node: Pick<Node, 'uuid' | 'driver' | 'conductor_group'>): string | null;
}

/** What the ramdisk of an inspection tells: the inventory, and everything beside it. */
export interface InspectionReport {
  readonly inventory: JsonObject;
  readonly pluginData: JsonObject;
}

export interface SignalDoor {
  /** Takes what the ramdisk of an inspection told; the node must wait for it. */
  inspection(node: Node, report: InspectionReport): Promise<void>;
  /** Records a heartbeat of the node's agent and wakes the run that waits for it. The API has checked version and schema. */
  heartbeat(node: Node, body: HeartbeatBody): Promise<void>;
  /** The agent's token for a lookup: a new one, or the mask "******" when it was handed out before. */
  lookup(node: Node): Promise<{ node: Node; agentToken: string }>;
}

export interface Doors {
  readonly start: StartDoor;
  readonly call: CallDoor;
  readonly signal: SignalDoor;
}

/**
 * The rules that the API has for changes of fields that users own. Who else changes such fields keeps them, too. Each answers the
 * changes with what follows from them, and throws an error of the registry for those that PATCH would refuse.
 */
export interface ChangeRules {
  node(node: Node, values: NodeChanges): Promise<NodeChanges>;
  port(port: Port, node: Node, values: Partial<Port>): Promise<Partial<Port>>;
}
