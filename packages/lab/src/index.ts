// What the lab offers to the command line, the demo and the tests.
export { type Acceleration, probeAcceleration } from './acceleration.ts';
export { defaultCacheDirectory } from './cache.ts';
export type { CleanReport } from './lab/clean.ts';
export { labDown } from './lab/down.ts';
export { type Lab, openLab } from './lab/lab.ts';
export type { MachineHandle } from './lab/machine-handle.ts';
export type { LabOptions, MachineOptions } from './lab/options.ts';
export type { LabRecord, MachineRecord } from './lab/record.ts';
export { formatLabStatus, type LabStatus, labStatus } from './lab/status.ts';
export { labUp } from './lab/up.ts';
export { runInNamespace, spawnInNamespace } from './network/namespace.ts';
export { ProgramError } from './process/run.ts';
export { createMilestoneParser, type Milestone, milestoneOfLine } from './serial/milestones.ts';
