// What distinguishes the makes of Redfish services from each other, as data: names, habits, hardware.

export const modelNames = ['generic', 'idrac', 'ilo', 'xcc', 'supermicro', 'openbmc'] as const;
export type ModelName = (typeof modelNames)[number];

export interface EtagHabits {
  /** How tags are written; "none": resources have none. */
  readonly style: 'strong' | 'weak' | 'none';
  /** Whether the body has `@odata.etag` besides the header. */
  readonly inBody: boolean;
  /** Schemas of resources whose PATCH is refused with 428 when it has no If-Match. */
  readonly required: readonly string[];
}

export interface BootModel {
  readonly targets: readonly string[];
  /** Values that `BootSourceOverrideEnabled` takes. */
  readonly enabled: readonly string[];
  /** Whether the allowed values of `BootSourceOverrideEnabled` are told. */
  readonly tellsEnabled: boolean;
  /** Whether a continuous override is over with one boot. */
  readonly forgetsContinuous: boolean;
  readonly mode: 'settable' | 'read-only' | 'absent';
  /** Whether `HttpBootUri` is there. */
  readonly httpBootUri: boolean;
  /** Where `BootOrder` is changed: at once in the system, or in a settings resource with this name, at the next boot. */
  readonly orderIn: 'system' | { readonly settings: string };
  /** How members of BootOptions are called: by their reference, or by number from 1. */
  readonly optionIds: 'reference' | 'number';
  readonly options: readonly { readonly reference: string; readonly name: string; readonly path: string }[];
}

export interface MediaDrive {
  readonly id: string;
  readonly name: string;
  readonly types: readonly string[];
}

export interface VirtualMediaModel {
  readonly drives: {
    readonly under: 'manager' | 'system';
    readonly list: readonly MediaDrive[];
  }[];
  /** Images go in by the action InsertMedia, or by PATCH of `Image` and `Inserted`. */
  readonly by: 'action' | 'patch';
  /** Whether only the action that is possible now is there: InsertMedia while the drive is empty, EjectMedia then. */
  readonly actionsFollowState: boolean;
  /** What `Image` is while nothing is inserted. */
  readonly noImage: '' | null;
  /** Whether the system links to the drives of its manager. */
  readonly systemLinksToManager: boolean;
}

export interface BiosAttribute {
  readonly name: string;
  readonly display: string;
  readonly value: string | number | boolean;
  /** Values of an enumeration; absent for others. */
  readonly values?: readonly string[];
  readonly bounds?: readonly [number, number];
  readonly readOnly?: boolean;
}

export interface BiosModel {
  /** Path from the service root, and the last segment of the settings resource. */
  readonly path: string;
  readonly settings: string;
  /** A slash ends links to both. */
  readonly slashed: boolean;
  readonly registry: string;
  /** Empty: `SupportedApplyTimes` is not there. */
  readonly applyTimes: readonly string[];
  /** Whether the settings resource shows all attributes, or those alone that wait. */
  readonly showsAll: boolean;
  /** Where ResetBios is. */
  readonly resetTarget: string;
  /** A PATCH with an apply time makes a task (202). */
  readonly task: boolean;
  readonly attributes: readonly BiosAttribute[];
}

export interface Drive {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly media: 'SSD' | 'HDD';
  readonly protocol: 'SAS' | 'SATA' | 'NVMe';
}

export interface StorageModel {
  readonly id: string;
  readonly name: string;
  readonly controller: string;
  /** Controllers are members of a collection, an array in the storage, or both. */
  readonly controllers: 'collection' | 'array' | 'both';
  /** RAID types that volumes can have; empty: there are no volumes. */
  readonly raid: readonly string[];
  readonly drives: readonly Drive[];
  /** `Immediate`: a volume is made at once; the first one counts when a request names none. */
  readonly applyTimes: readonly string[];
}

export interface FirmwareItem {
  readonly id: string;
  readonly name: string;
  readonly part: 'bios' | 'bmc' | 'nic' | 'storage' | 'other';
  readonly version: string;
  readonly softwareId: string;
  readonly updateable: boolean;
}

export interface UpdateModel {
  readonly firmware: readonly FirmwareItem[];
  readonly simple: boolean;
  readonly protocols: readonly string[];
  readonly multipartUri: string | undefined;
  readonly pushUri: string | undefined;
  readonly applyTimes: readonly string[];
}

/** A message that Base does not have, or with a text of its own. */
export interface OwnMessage {
  readonly id: string;
  readonly text: string;
  readonly args: readonly string[];
}

export interface Model {
  readonly name: ModelName;
  readonly vendor: string | undefined;
  readonly product: string | undefined;
  readonly redfishVersion: string;
  /** Whether paths are taken in upper and lower case alike. */
  readonly ignoresCase: boolean;
  readonly rootId: string;
  /** Prefix and version of the messages of errors, such as Base.1.13. */
  readonly base: string;
  /** The code of an error; that of its only message when absent. */
  readonly errorCode?: string;
  readonly ids: { readonly system: string; readonly manager: string; readonly chassis: string };
  /** Versions of schemas where they differ from the common ones. */
  readonly schemas: Readonly<Record<string, string>>;
  readonly features: {
    /** Levels that $expand takes; 0: it is not supported. */
    readonly expandLevels: number;
    readonly select: boolean;
    readonly only: boolean;
    /** $top and $skip. */
    readonly paging: boolean;
  };
  readonly etags: EtagHabits;
  readonly sessions: {
    readonly limit: number;
    readonly seconds: number;
    /** What is said when there is none left (with 503); absent: SessionLimitExceeded of Base. */
    readonly whenFull?: OwnMessage;
  };
  readonly manufacturer: string;
  readonly systemModel: string;
  readonly sku: string;
  readonly biosVersion: string;
  readonly managerModel: string;
  readonly firmwareVersion: string;
  readonly system: {
    readonly resetTypes: readonly string[];
    /** Reset types are told by an ActionInfo resource, with the action, or both. */
    readonly resetTypesIn: 'action info' | 'action' | 'both';
    /** How a reset is refused that makes no sense in the power state of now; absent: it is taken. */
    readonly vainResets?: { readonly status: number; readonly whenOn: OwnMessage; readonly whenOff: OwnMessage };
    readonly indicators: readonly ('IndicatorLED' | 'LocationIndicatorActive')[];
    readonly processorIds: readonly string[];
    readonly processorModel: string;
    readonly cores: number;
    readonly memoryIds: readonly string[];
    readonly dimmMiB: number;
    readonly nicIds: readonly string[];
  };
  readonly managerResetTypes: readonly string[];
  readonly managerNics: readonly string[];
  readonly boot: BootModel;
  readonly virtualMedia: VirtualMediaModel;
  readonly bios: BiosModel;
  readonly secureBoot: {
    readonly resetTypes: readonly string[];
    readonly tellsTypes: boolean;
    readonly databases: boolean;
  };
  readonly storage: readonly StorageModel[];
  /** Power and Thermal of old, PowerSubsystem and ThermalSubsystem, or both. */
  readonly environment: 'old' | 'new' | 'both';
  readonly update: UpdateModel;
  readonly tasks: {
    /** What Location of a 202 names: the task monitor, or the task. */
    readonly location: 'monitor' | 'task';
    /** What an id is made of. */
    readonly id: 'number' | 'job';
    readonly retryAfterSeconds: number | undefined;
  };
  /** Where server-sent events are; undefined: there are none. */
  readonly sseUri: string | undefined;
}
