// What the lab offers to the command line, the demo and the tests.
export { type Acceleration, probeAcceleration } from './acceleration.ts';
export type { EmulatedBmc, SimulatedSensor } from './bmc/emulator-commands.ts';
export { type StandAloneBmc, type StandAloneBmcOptions, startStandAloneBmc } from './bmc/stand-alone.ts';
export type { Bmc, BmcCounts } from './bmc-simulator/bmc.ts';
export type { Chassis, ChassisChange } from './bmc-simulator/chassis.ts';
export { setSensorReading } from './bmc-simulator/commands/sensors.ts';
export {
  type BmcFaultName,
  type BmcFaultShares,
  bmcFaultNames,
  createFault,
  parseBmcFaults,
} from './bmc-simulator/faults.ts';
export type { SerialConsole } from './bmc-simulator/session/serial-console.ts';
export { type BmcSimulator, type BmcSimulatorOptions, startBmcSimulator } from './bmc-simulator/simulator.ts';
export { defaultCacheDirectory } from './cache.ts';
export { enrolFleet, fleetInstance, fleetSettings, ipmiFleetSettings, redfishFleetSettings } from './fleet/enrol.ts';
export { type FaultShares, faultNames, parseFaults } from './fleet/faults.ts';
export { type Fleet, type FleetCounts, type FleetOptions, startFleet } from './fleet/fleet.ts';
export type { Effect } from './fleet/machine.ts';
export { parseSpan, type Span, seededRandom } from './fleet/random.ts';
export { type ImageServer, startImageServer } from './image-server/client.ts';
export type { ImageCondition, ImageFault, ImageFileStatistics } from './image-server/protocol.ts';
export type { CleanReport } from './lab/clean.ts';
export { type LabDownOptions, labDown } from './lab/down.ts';
export { type Lab, openLab } from './lab/lab.ts';
export type { MachineHandle } from './lab/machine-handle.ts';
export type { DiskOptions, Firmware, LabOptions, MachineOptions, NicOptions } from './lab/options.ts';
export type { LabRecord, MachineRecord } from './lab/record.ts';
export { formatLabStatus, type LabStatus, labStatus } from './lab/status.ts';
export { labUp } from './lab/up.ts';
export type { MachineFaults } from './machine/machine.ts';
export { type AddressServer, startAddressServer } from './network/address-server.ts';
export {
  deleteNamespace,
  namespaceCommand,
  namespaceExists,
  runInNamespace,
  spawnInNamespace,
} from './network/namespace.ts';
export { buildOsImage, type OsImage, type OsImageOptions } from './os-image/build.ts';
export { buildConfigDrive, type ConfigDriveContent } from './os-image/config-drive.ts';
export { freePort } from './peer/free-port.ts';
export { type IronicInstallation, type IronicProcesses, installIronic } from './peer/ironic.ts';
export type { PeerOptions } from './peer/ironic-configuration.ts';
export { type MariaDb, startMariaDb } from './peer/mariadb.ts';
export { type Child, startChild } from './process/child.ts';
export { ProgramError } from './process/run.ts';
export type { RedfishBmc, RedfishChange, RedfishCounts } from './redfish-simulator/bmc.ts';
export {
  createRedfishFault,
  parseRedfishFaults,
  type RedfishFaultName,
  type RedfishFaultShares,
  redfishFaultNames,
} from './redfish-simulator/faults.ts';
export { FakeMachine } from './redfish-simulator/machine/fake.ts';
export type { BootChoice, RedfishMachine } from './redfish-simulator/machine/machine.ts';
export {
  type ModelName as RedfishModelName,
  modelNames as redfishModelNames,
} from './redfish-simulator/models/model.ts';
export {
  type RedfishSimulator,
  type RedfishSimulatorOptions,
  startRedfishSimulator,
} from './redfish-simulator/simulator.ts';
export { type Relay, type RelayOptions, startRelay } from './relay.ts';
export { createMilestoneParser, type Milestone, type MilestoneKind, milestoneOfLine } from './serial/milestones.ts';
export { type ApiClient, ApiError, createApiClient } from './site/api.ts';
export { configDriveWithNonce, proveByNonce, provision, setImage } from './site/life-cycle.ts';
export { lastEventId, nodeState, type TimelineEvent, timeline, waitForState } from './site/node-watch.ts';
export { createServerProcess, type ServerProcess } from './site/server.ts';
export { type EnrolOptions, managedBy, type Site, type SiteOptions, startSite } from './site/site.ts';
export { showLacp } from './switch/lab-switch.ts';
export { type Openvswitch, type OpenvswitchOptions, startOpenvswitch } from './switch/openvswitch.ts';
export { answersPing, startTenantNetwork, type TenantNetwork } from './switch/tenant-network.ts';
export {
  type SwitchFault,
  type SwitchSimulator,
  type SwitchSimulatorOptions,
  startSwitchSimulator,
  switchFaultNames,
  switchModelNames,
} from './switch-simulator/simulator.ts';
