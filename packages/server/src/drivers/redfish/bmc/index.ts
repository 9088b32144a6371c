// What speaks Redfish. It is loaded when the first BMC is asked: a server without such BMCs does not pay for it.
import { readSystem, resetSystem } from '@wrought/redfish';
import type { FileCache } from '../../../boot/file-cache.ts';
import type {
  BmcCallObserver,
  BmcWatcher,
  IndicatorPanel,
  PowerInterface,
  Task,
  TaskLog,
  VirtualMedia,
} from '../../kit/index.ts';
import type { SecureBootKeys } from '../secure-boot-keys.ts';
import { type RedfishBios, redfishBios } from './bios.ts';
import { redfishBoot, redfishKeys, setDevice } from './boot.ts';
import { type Bmc, createCalls } from './calls.ts';
import { createClients } from './clients.ts';
import { type RedfishClock, redfishClock } from './clock.ts';
import { insertDellCd, setDellBootCd } from './dell-boot.ts';
import { type DellConfiguration, dellConfiguration } from './dell-configuration.ts';
import { dellInventory } from './dell-inventory.ts';
import { type DellUpkeep, dellUpkeep } from './dell-upkeep.ts';
import { isAway } from './failure.ts';
import { type RedfishFirmware, redfishFirmware } from './firmware.ts';
import { redfishIndicators } from './indicators.ts';
import { type RedfishInspection, redfishInventory } from './inventory.ts';
import { eject, insert, insertBootCd, redfishDrives, redfishMedia } from './media.ts';
import { redfishPower } from './power.ts';
import { type RedfishRaid, redfishRaid } from './raid.ts';
import { type RedfishScreen, redfishScreen } from './screen.ts';
import { redfishSensors } from './sensors.ts';
import { createServedFiles } from './served-files.ts';
import { type RedfishSubscriptions, redfishSubscriptions } from './subscriptions.ts';

/** What the boot interfaces of this driver need beyond the management interface. */
interface MediumBoot {
  /** Shows the machine a CD with the image of this URL, and boots from it next; an image of settings goes into a second drive. */
  bootFromCd(task: Task, url: string, removableUrl?: string | null): Promise<void>;
  /** The same at an iDRAC, where the boot target of a CD may not stand for a virtual one. */
  bootFromDellCd(task: Task, url: string, removableUrl?: string | null): Promise<void>;
  /** Takes the CD out, and the image of settings where there is one. */
  ejectCd(task: Task, hasRemovable?: boolean): Promise<void>;
  /** Boots from this URL next, by UEFI HTTP. */
  bootFromUrl(task: Task, url: string): Promise<void>;
}

export interface RedfishBmc extends ReturnType<typeof redfishDrives> {
  readonly power: Pick<PowerInterface, 'getPowerState' | 'setPowerState'>;
  readonly management: ReturnType<typeof redfishBoot> &
    ReturnType<typeof redfishSensors> & {
      injectNmi(task: Task): Promise<void>;
      detectVendor(task: Task): Promise<string | null>;
    };
  readonly clock: RedfishClock;
  readonly secureBootKeys: SecureBootKeys;
  readonly indicators: IndicatorPanel;
  readonly virtualMedia: VirtualMedia;
  readonly mediumBoot: MediumBoot;
  readonly bios: RedfishBios;
  readonly firmware: RedfishFirmware;
  readonly raid: RedfishRaid;
  readonly screen: RedfishScreen;
  readonly subscriptions: RedfishSubscriptions;
  readonly dell: DellUpkeep;
  readonly dellConfiguration: DellConfiguration;
  inspect(task: Task): Promise<RedfishInspection>;
  /** The same, with the network cards that the BIOS of a machine of Dell boots from. */
  inspectDell(task: Task): Promise<RedfishInspection>;
  /** Whether an error means that the BMC is away, or busy with itself. */
  isAway(error: unknown): boolean;
  close(): Promise<void>;
}

export interface RedfishBmcOptions {
  readonly log: TaskLog;
  /** Keeps images that are served or sent to BMCs. */
  readonly fileCache: FileCache;
  readonly observe?: BmcCallObserver | undefined;
  readonly watch?: BmcWatcher | undefined;
}

/** Puts an image of settings into a drive beside that of the CD. */
async function insertRemovable(bmc: Bmc, url: string, removableUrl: string | null): Promise<void> {
  if (removableUrl !== null) {
    await insert(bmc, 'floppy', removableUrl, { besides: url });
  }
}

/** Opens it; nothing is sent before the first call. */
export function openRedfishBmc({ log, fileCache, observe, watch }: RedfishBmcOptions): RedfishBmc {
  const clients = createClients(log);
  const calls = createCalls(clients, observe, watch);
  const { perform } = calls;
  const served = createServedFiles(fileCache);
  return {
    power: redfishPower(calls),
    management: {
      ...redfishBoot(calls),
      ...redfishSensors(calls),
      detectVendor: (task) =>
        perform(task, 'detect vendor', async ({ system }) => readSystem(await system()).manufacturer ?? null),
      async injectNmi(task) {
        await perform(task, 'raise NMI', async ({ client, system, signal }) => {
          await resetSystem(client, await system(), 'Nmi', { signal });
        });
        task.record({ kind: 'bmc', message: 'The BMC raised a non-maskable interrupt.' });
      },
    },
    clock: redfishClock(calls),
    secureBootKeys: redfishKeys(calls),
    indicators: redfishIndicators(calls),
    virtualMedia: redfishMedia(calls, served),
    bios: redfishBios(calls),
    firmware: redfishFirmware(calls, served),
    raid: redfishRaid(calls),
    screen: redfishScreen(calls),
    ...redfishDrives(calls),
    subscriptions: redfishSubscriptions(calls),
    dell: dellUpkeep(calls),
    dellConfiguration: dellConfiguration(calls),
    inspect: redfishInventory(calls),
    inspectDell: dellInventory(calls),
    isAway,
    mediumBoot: {
      bootFromCd: (task, url, removableUrl = null) =>
        perform(task, 'boot from virtual media', async (bmc) => {
          await insertBootCd(bmc, url);
          await insertRemovable(bmc, url, removableUrl);
          await setDevice(bmc, task, 'cdrom', false);
        }),
      bootFromDellCd: (task, url, removableUrl = null) =>
        perform(task, 'boot from virtual media', async (bmc) => {
          await insertDellCd(bmc, url);
          await insertRemovable(bmc, url, removableUrl);
          await setDellBootCd(bmc, task);
        }),
      ejectCd: (task, hasRemovable = false) =>
        perform(task, 'eject virtual media', (bmc) => eject(bmc, hasRemovable ? ['cdrom', 'floppy'] : ['cdrom'])),
      bootFromUrl: (task, url) => perform(task, 'boot from URL', (bmc) => setDevice(bmc, task, 'uefihttp', false, url)),
    },
    close: () => clients.close(),
  };
}
