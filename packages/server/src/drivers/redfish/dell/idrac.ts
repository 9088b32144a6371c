// idrac: Dell's machines, whose iDRAC speaks Redfish and has parts of its own beside it.
import type { ServerEnvironment } from '../../../boot/services.ts';
import { type AnyInterface, genericInterfaces, type HardwareType, type Step } from '../../kit/index.ts';
import { redfishBios } from '../bios.ts';
import type { RedfishBmc } from '../bmc/index.ts';
import { virtualMediaBoot } from '../boot-interfaces.ts';
import { redfishInspect } from '../inspect.ts';
import { redfishManagement } from '../management.ts';
import { redfishPower } from '../power.ts';
import { redfishRaid } from '../raid.ts';
import { redfishVendor } from '../vendor.ts';
import { configurationSteps } from './configuration-steps.ts';
import { idracRaid } from './raid-flavour.ts';
import { upkeepSteps } from './upkeep-steps.ts';
import { whenReady } from './when-ready.ts';

const NAME = 'idrac-redfish';

/** What the hardware type "idrac" has other than what "redfish" has. */
export function idracType(redfish: HardwareType): HardwareType {
  return {
    name: 'idrac',
    supported: {
      ...redfish.supported,
      bios: [NAME, 'redfish', 'no-bios'],
      boot: [...genericInterfaces.boot, 'idrac-redfish-virtual-media', 'redfish-https'],
      inspect: [NAME, ...genericInterfaces.inspect],
      management: [NAME],
      power: [NAME, 'redfish'],
      raid: [NAME, ...genericInterfaces.raid],
      vendor: [NAME, 'redfish', 'no-vendor'],
    },
  };
}

/** The interfaces for machines of Dell. */
export function idracInterfaces(
  environment: ServerEnvironment,
  load: () => Promise<RedfishBmc>,
): readonly AnyInterface[] {
  const readyFor = (steps: readonly Step[] = []) => steps.map((each) => whenReady(each, load));
  const bios = redfishBios(load);
  const raid = redfishRaid(load, idracRaid);
  const management = redfishManagement(load);
  const managementSteps = [
    // Firmware goes through the Lifecycle Controller; what else Redfish has does not.
    ...(management.steps ?? []).map((each) => (each.step === 'update_firmware' ? whenReady(each, load) : each)),
    ...upkeepSteps(load),
    ...readyFor(configurationSteps(load)),
  ];
  return [
    { ...bios, name: NAME, steps: readyFor(bios.steps) },
    virtualMediaBoot(environment, load, { name: 'idrac-redfish-virtual-media', isDell: true }),
    redfishInspect(load, { name: NAME, isDell: true }),
    { ...management, name: NAME, steps: managementSteps },
    { ...redfishPower(load), name: NAME },
    { ...raid, steps: readyFor(raid.steps) },
    { ...redfishVendor(load), name: NAME },
  ];
}
