// What the program offers to its own drivers for booting machines, started and stopped with the server.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { BmcCallObserver, BmcWatcher, DriverEnvironment, Evidence, TaskLog } from '../drivers/kit/index.ts';
import { createDhcpProvider } from '../network/dhcp/index.ts';
import type { DhcpProvider } from '../network/dhcp/provider.ts';
import { type Cloud, createCloud } from '../openstack/cloud.ts';
import { bootListenAddress } from './addresses.ts';
import { type BootFiles, createBootFiles } from './boot-files.ts';
import { type BootRecords, createBootRecords } from './boot-records.ts';
import { createFileCache, type FileCache } from './file-cache.ts';
import { type FileRequest, type FileServer, startFileServer } from './http-server.ts';
import { CHAIN_SCRIPT_NAME, chainScript } from './ipxe-script.ts';
import { type BootIsos, createBootIsos } from './iso/boot-iso.ts';
import { installLoaders } from './loaders.ts';
import { createPublishedMedia, nodeOfMediumPath, type PublishedMedia } from './published-media.ts';
import { GRUB_MASTER_NAME, grubMasterConfiguration } from './pxe-script.ts';

/** What the drivers of the program get; third-party drivers get the part that `DriverEnvironment` names. */
export interface ServerEnvironment extends DriverEnvironment {
  readonly dhcp: DhcpProvider;
  readonly cloud: Cloud;
  readonly bootFiles: BootFiles;
  readonly bootRecords: BootRecords;
  readonly fileCache: FileCache;
  readonly media: PublishedMedia;
  readonly bootIsos: BootIsos;
}

/** Called with the machine, by a MAC address or by the UUID of its node, and what it did. */
export type EvidenceListener = (
  machine: { readonly address: string } | { readonly node: string },
  evidence: Evidence,
) => void;

export interface BootServices {
  readonly environment: ServerEnvironment;
  /** Boot milestones: DHCP, TFTP and HTTP requests of machines. */
  onEvidence(listener: EvidenceListener): void;
  /** Starts the boot file server and DHCP. @throws Error that names the option and the remedy */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface BootServiceOptions {
  readonly config: () => Config;
  readonly log: TaskLog;
  readonly observeBmcCall?: BmcCallObserver | undefined;
  readonly watchBmcs?: BmcWatcher | undefined;
}

/** Most machines whose last address is remembered. */
const MOST_MACHINES = 50_000;
/** A path that holds a MAC: the script of a machine. */
const SCRIPT_PATH = /(?:^|\/)(?:01-)?([0-9a-f]{2}(?:-[0-9a-f]{2}){5})(?:\.[a-z]+)?$/i;

/** Tells whose request it was: by the MAC in the path, or by the address that fetched the script of a machine before. */
function createRequestReader() {
  const addressOfIp = new Map<string, string>();
  return (request: FileRequest): Parameters<EvidenceListener> | undefined => {
    const named = SCRIPT_PATH.exec(request.path)?.[1]?.toLowerCase().replaceAll('-', ':');
    if (named !== undefined) {
      addressOfIp.delete(request.remoteAddress);
      addressOfIp.set(request.remoteAddress, named);
      const [oldest] = addressOfIp.keys();
      if (addressOfIp.size > MOST_MACHINES && oldest !== undefined) {
        addressOfIp.delete(oldest);
      }
    }
    const address = named ?? addressOfIp.get(request.remoteAddress);
    if (address === undefined || request.method !== 'GET') {
      return undefined;
    }
    return [{ address }, fetchEvidence(request, request.path)];
  };
}

/** The evidence of a request; `shown` is what it was about. */
function fetchEvidence(request: FileRequest, shown: string): Evidence {
  const isGood = request.status < 400 && request.isComplete;
  const how = !request.isComplete
    ? 'broke off'
    : request.status < 400
      ? 'fetched'
      : `was answered ${request.status} for`;
  return {
    kind: 'http',
    severity: isGood ? 'info' : 'warning',
    message: `HTTP: ${request.remoteAddress} ${how} ${shown}.`,
    data: { path: shown, status: request.status, bytes: request.bytesSent },
  };
}

/** Tells of boot media, whose names are secret. BMCs read them in thousands of pieces: the first one is told, and what fails. */
function createMediumReader() {
  const told = new Set<string>();
  return (request: FileRequest): Parameters<EvidenceListener> | undefined => {
    const node = nodeOfMediumPath(request.path);
    if (node === undefined || request.method !== 'GET' || (request.status < 400 && told.has(request.path))) {
      return undefined;
    }
    told.add(request.path);
    const [oldest] = told;
    if (told.size > MOST_MACHINES && oldest !== undefined) {
      told.delete(oldest);
    }
    return [{ node }, fetchEvidence(request, `the boot medium of node ${node}`)];
  };
}

/** Makes the services; nothing runs before `start`. */
export async function createBootServices({
  config,
  log,
  observeBmcCall,
  watchBmcs,
}: BootServiceOptions): Promise<BootServices> {
  const listeners: EvidenceListener[] = [];
  const tell: EvidenceListener = (machine, evidence) => {
    for (const listener of listeners) {
      listener(machine, evidence);
    }
  };
  const cloud = createCloud(config());
  const dhcp = createDhcpProvider({ config, log, cloud });
  const bootFiles = createBootFiles(config);
  const bootRecords = createBootRecords(() => join(config().dataDirectory, 'network-boot'), { bootFiles, dhcp });
  const fileCache = createFileCache(join(config().deploy.http_root, '.cache'));
  let server: FileServer | undefined;

  dhcp.onEvent(({ kind, address, severity, message, ip }) =>
    tell({ address }, { kind, severity, message, ...(ip === null ? {} : { data: { ip } }) }),
  );
  const readRequest = createRequestReader();
  const readMediumRequest = createMediumReader();
  const media = createPublishedMedia(bootFiles);
  const bootIsos = createBootIsos(fileCache);

  return {
    environment: {
      config,
      log,
      observeBmcCall,
      watchBmcs,
      dhcp,
      cloud,
      bootFiles,
      bootRecords,
      fileCache,
      media,
      bootIsos,
    },
    onEvidence: (listener) => {
      listeners.push(listener);
    },
    async start() {
      const { deploy, pxe, image } = config();
      await mkdir(deploy.http_root, { recursive: true });
      await mkdir(pxe.tftp_root, { recursive: true });
      await installLoaders(config(), log);
      await fileCache.prune({ maxAgeMinutes: image.image_cache_ttl, maxMebibytes: image.image_cache_size });
      await bootFiles.write('http', CHAIN_SCRIPT_NAME, chainScript(pxe.pxe_config_subdir, pxe.ipxe_fallback_script));
      await bootFiles.write('tftp', GRUB_MASTER_NAME, grubMasterConfiguration());
      const listen = bootListenAddress(config());
      if (listen !== null) {
        server = await startFileServer({
          root: deploy.http_root,
          listen,
          onRequest(request) {
            const medium = nodeOfMediumPath(request.path);
            const path = medium === undefined ? request.path : `the boot medium of node ${medium}`;
            log.debug({ ...request, path }, 'A boot file was asked for.');
            const read = medium === undefined ? readRequest(request) : readMediumRequest(request);
            if (read !== undefined) {
              tell(...read);
            }
          },
          onError: (error) => log.error({ err: error }, 'A boot file can not be read.'),
        });
        log.info({ address: server.address, root: deploy.http_root }, 'Boot files are served.');
      }
      await dhcp.start();
    },
    async stop() {
      await dhcp.stop();
      await server?.close();
      await cloud.close();
    },
  };
}
