// What HPE adds to its systems (iLO Redfish API reference, HpeComputerSystemExt).
import type { Resource } from '../resource.ts';

const postStates = ['Unknown', 'Reset', 'PowerOff', 'InPost', 'InPostDiscoveryComplete', 'FinishedPost'] as const;

/** How far the power-on self-test is: while it runs iLO refuses changes of the boot. Undefined for other manufacturers. */
export const readHpePostState = (system: Resource): (typeof postStates)[number] | undefined =>
  (system.oem('Hpe') ?? system.oem('Hp'))?.enumeration('PostState', postStates);
