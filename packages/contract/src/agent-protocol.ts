// The protocol between the server and the deployment agent: both directions of HTTP, as types and constants without I/O.
// Names and shapes are those of Ironic's agent, so that either side can be replaced by Ironic's own.

import type { JsonObject } from './objects.ts';
import type { StepArgument } from './steps.ts';

export * from './root-device-hints.ts';

/** Header in which both sides name the microversion of a request. */
export const AGENT_API_VERSION_HEADER = 'X-OpenStack-Ironic-API-Version';
/** Highest microversion, `[major, minor]`, that the agent sends with a lookup; a lower one of the server wins. */
export const LOOKUP_MAX_VERSION = [1, 62] as const;
/** Highest microversion, `[major, minor]`, that the agent sends with a heartbeat; a lower one of the server wins. */
export const HEARTBEAT_MAX_VERSION = [1, 68] as const;
/** TCP port on which the agent listens for commands. */
export const AGENT_PORT = 9999;
/** Smallest number of characters of an agent token; Ironic's agent ignores shorter ones. */
export const AGENT_TOKEN_MIN_CHARACTERS = 32;
/** What a lookup answers in place of the token once it has been handed out. */
export const AGENT_TOKEN_MASK = '******';
/** The agent's waits after a lookup that was answered 404 or 409, in seconds; the last one repeats. */
export const LOOKUP_BACKOFF_SECONDS = [5, 10, 30] as const;
/** The time between heartbeats is `heartbeat_timeout` times a random number between these two. */
export const HEARTBEAT_JITTER = { min: 0.3, max: 0.6 } as const;
/** Found, in any case, in the error text (with status 409) of a command refused because an asynchronous one runs. */
export const AGENT_BUSY_MESSAGE = 'agent is busy';

/** Parameters of the kernel command line that the agent reads. */
export const KERNEL_PARAMETER = {
  apiUrl: 'ipa-api-url',
  inspectionCallbackUrl: 'ipa-inspection-callback-url',
  agentToken: 'ipa-agent-token',
  debug: 'ipa-debug',
  collectLldp: 'ipa-collect-lldp',
  lldpTimeoutSeconds: 'ipa-lldp-timeout',
  insecure: 'ipa-insecure',
  cafile: 'ipa-cafile',
  listenHost: 'ipa-listen-host',
  listenPort: 'ipa-listen-port',
  advertiseHost: 'ipa-advertise-host',
  advertiseProtocol: 'ipa-advertise-protocol',
  ipLookupAttempts: 'ipa-ip-lookup-attempts',
  /** pxelinux and iPXE form: the MAC of the interface that booted, `01-52-54-...` or `52:54:...`. */
  bootInterface: 'BOOTIF',
} as const;

/** A FAT file system of this label has the parameters in this file, for boot media that are ready-made. */
export const PARAMETERS_DRIVE = { label: 'ir-vfd-dev', file: 'parameters.txt' } as const;

/** Answer of `GET /` of the server, as far as the agent reads it. */
export type ApiRoot = {
  default_version?: { id: string; version?: string; min_version?: string; status?: string };
  versions?: { id: string; version?: string; min_version?: string; status?: string }[];
};

/** The part of a node that a lookup hands to the agent and that commands carry as `node`. */
export type AgentNode = {
  uuid: string;
  properties: JsonObject;
  instance_info: JsonObject;
  driver_internal_info: JsonObject;
  [key: string]: unknown;
};

/** `config` of a lookup answer. */
export type LookupConfig = {
  /** Largest gap between heartbeats, in seconds. */
  heartbeat_timeout: number;
  /** The token in clear the first time, `AGENT_TOKEN_MASK` afterwards, absent below 1.62. */
  agent_token?: string | null;
  agent_token_required?: boolean;
  agent_md5_checksum_enable?: boolean;
  disable_deep_image_inspection?: boolean;
  permitted_image_formats?: string[];
  agent_skip_bmc_detect?: boolean;
  enable_bios_bootloader_install?: boolean;
  /** `"1.2"` or `"1.3"`. */
  tls_min_version?: string | null;
  tls_cipher_suites?: string | null;
  metrics?: JsonObject;
  metrics_statsd?: JsonObject;
  agent_containers?: JsonObject;
};

/** Answer of `GET /v1/lookup?addresses=MAC,MAC&node_uuid=UUID`. */
export type LookupResponse = { node: AgentNode; config: LookupConfig };

/** Body of `POST /v1/heartbeat/<uuid>`. */
export type HeartbeatBody = {
  /** Where commands are accepted, such as `https://192.0.2.7:9999`; empty for senders of a mere status. */
  callback_url: string;
  agent_token?: string;
  agent_version?: string;
  /** The agent's own certificate, PEM. */
  agent_verify_ca?: string;
  agent_status?: 'start' | 'end' | 'error';
  agent_status_message?: string;
};

/** Body of `POST /v1/commands?wait=true|false&agent_token=...`. */
export type CommandRequest = {
  /** `extension.command`, such as `clean.get_clean_steps`. */
  name: string;
  params: JsonObject;
  /** Ours: a second POST with the same key is answered with the command of the first one. */
  idempotency_key?: string;
};

export const COMMAND_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CLEAN_VERSION_MISMATCH'] as const;
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

/** An error of the agent: the body of a refused request and the `command_error` of a failed command. */
export type AgentError = {
  /** A name of the kind of error, such as `ImageChecksumError`. */
  type: string;
  /** HTTP status that belongs to it. */
  code: number;
  message: string;
  details: string;
};

/** Body of a request that the agent refused: Ironic reads `faultstring`, the rest is the same as in `command_error`. */
export type AgentFault = AgentError & { faultcode: 'Client' | 'Server'; faultstring: string };

/** How far a running image download or write is; the `command_result` of a RUNNING command of our agent. */
export type CommandProgress = {
  progress: {
    bytes_written: number;
    /** Null while the size is not known. */
    bytes_total: number | null;
    /** 0 to 100, null while the size is not known. */
    percent: number | null;
    /** What the bytes are: a download to memory that is converted afterwards, or the writing to the disk. */
    phase?: 'download' | 'write';
  };
};

/** A command as `GET /v1/commands/<id>` and the answer of a POST show it. */
export type CommandResult = {
  id: string;
  /** Name without the extension prefix, such as `get_clean_steps`. */
  command_name: string;
  command_params?: JsonObject;
  command_status: CommandStatus;
  command_error: AgentError | string | null;
  /** While a command of our agent runs, a `CommandProgress`. */
  command_result: JsonObject | null;
  idempotency_key?: string;
};

/** Answer of `GET /v1/commands`. */
export type CommandList = { commands: CommandResult[] };

/** Answer of `GET /v1/status`. */
export type AgentStatus = { started_at: number; version: string };

/** Tells a progress report from other results of a command. */
export function isCommandProgress(result: JsonObject | null): result is CommandProgress {
  return result !== null && typeof result.progress === 'object' && result.progress !== null;
}

/** What may be done with a step whose outcome is unknown: run it again, ask the agent about it, or fail. */
export type StepRecovery = 'repeat' | 'probe' | 'never';

/** A clean, deploy or service step as the agent offers it. */
export type AgentStep = {
  step: string;
  /** Higher runs first; 0 never runs by itself. */
  priority: number;
  interface: string;
  abortable?: boolean;
  reboot_requested?: boolean;
  requires_ramdisk?: boolean;
  argsinfo?: { [name: string]: StepArgument } | null;
  /** Ours: absent from foreign agents. */
  recovery?: StepRecovery;
};

/** Steps by the name of the hardware manager that offers them. */
export type StepsByManager = { [manager: string]: AgentStep[] };
/** Versions by the name of the hardware manager; sent back as `clean_version` and `deploy_version`. */
export type HardwareManagerVersion = { [manager: string]: string };

export type GetCleanStepsResult = { clean_steps: StepsByManager; hardware_manager_version: HardwareManagerVersion };
export type GetDeployStepsResult = { deploy_steps: StepsByManager; hardware_manager_version: HardwareManagerVersion };
export type GetServiceStepsResult = { service_steps: StepsByManager; hardware_manager_version: HardwareManagerVersion };

/** A step to be executed; `args` are the step's own arguments. */
export type StepToExecute = { step: string; interface: string; args?: JsonObject; [key: string]: unknown };

type StepContext = { node: AgentNode; ports: JsonObject[] };
export type GetStepsParams = StepContext;
export type ExecuteCleanStepParams = StepContext & {
  step: StepToExecute;
  clean_version?: HardwareManagerVersion | null;
};
export type ExecuteDeployStepParams = StepContext & {
  step: StepToExecute;
  deploy_version?: HardwareManagerVersion | null;
};
export type ExecuteCleanStepResult = { clean_step: StepToExecute; clean_result: unknown };
export type ExecuteDeployStepResult = { deploy_step: StepToExecute; deploy_result: unknown };

/** Where an image is and what it must be: the `image_info` argument of `write_image` and `prepare_image`. */
export type ImageInfo = {
  id: string;
  /** Tried in order. */
  urls: string[];
  /** `raw` or `qcow2`. */
  disk_format?: string;
  container_format?: string;
  /** `sha256`, `sha512`, or `md5` where it is allowed. */
  os_hash_algo?: string | null;
  /** Hexadecimal digest of the file as it is served. */
  os_hash_value?: string | null;
  /** Older form: `algo:value`, a bare digest, or the URL of a file of checksums. */
  checksum?: string | null;
  stream_raw_images?: boolean;
  image_type?: string;
  node_uuid?: string;
  configdrive?: string | null;
  image_server_auth_strategy?: string | null;
  image_server_user?: string | null;
  image_server_password?: string | null;
  /** Value of an Authorization header for the image server. */
  image_request_authorization?: string | null;
  proxies?: { http?: string; https?: string };
  no_proxy?: string;
  deploy_boot_mode?: string;
  boot_option?: string;
  disk_label?: string;
  [key: string]: unknown;
};

/** Arguments of the deploy step `write_image`. `configdrive` is base64 of a gzipped ISO 9660 image, or its URL. */
export type WriteImageArgs = { image_info: ImageInfo; configdrive?: string | null };

export type InventoryInterface = {
  name: string;
  mac_address: string;
  ipv4_address: string | null;
  ipv6_address: string | null;
  has_carrier: boolean;
  /** Pairs of TLV type and value in hexadecimal. */
  lldp: [number, string][] | null;
  vendor: string | null;
  product: string | null;
  client_id: string | null;
  biosdevname: string | null;
  speed_mbps: number | null;
  pci_address: string | null;
  driver: string | null;
};

export type InventoryCpu = {
  model_name: string;
  /** MHz, as text. */
  frequency: string;
  /** Number of logical processors. */
  count: number;
  architecture: string;
  flags: string[];
  socket_count: number;
};

export type InventoryMemory = {
  /** Bytes the kernel sees. */
  total: number | null;
  /** MiB installed, from DMI. */
  physical_mb: number | null;
};

export type InventoryDisk = {
  /** Such as `/dev/sda`. */
  name: string;
  model: string;
  /** Bytes. */
  size: number;
  rotational: boolean;
  wwn: string | null;
  serial: string | null;
  vendor: string | null;
  wwn_with_extension: string | null;
  wwn_vendor_extension: string | null;
  /** SCSI address, `host:channel:target:lun`. */
  hctl: string | null;
  by_path: string | null;
  /** Bytes of a logical and of a physical sector. */
  logical_sectors: number | null;
  physical_sectors: number | null;
};

export type InventorySystemVendor = {
  product_name: string;
  serial_number: string;
  manufacturer: string;
  firmware: { vendor: string; version: string; build_date: string };
};

export type InventoryBoot = {
  current_boot_mode: 'bios' | 'uefi';
  /** MAC of the interface that booted, where it is known. */
  pxe_interface: string | null;
};

/** The hardware inventory, in the shape of Ironic's agent. */
export type Inventory = {
  interfaces: InventoryInterface[];
  cpu: InventoryCpu;
  memory: InventoryMemory;
  disks: InventoryDisk[];
  bmc_address: string | null;
  bmc_v6address: string | null;
  bmc_mac?: string | null;
  system_vendor: InventorySystemVendor;
  boot: InventoryBoot;
  hostname: string;
};
