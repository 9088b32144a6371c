// What a quirk is: which services have it, what it is, what is done about it, and who reports it.
import type { Behaviour } from './behaviour.ts';

/** A kind of service, by what it says of itself; what is absent does not matter. */
export interface QuirkyService {
  /** Part of the vendor of the service, or of the manufacturer of its system or manager; whatever the case. */
  readonly vendor: string;
  /** Parts of the model of the system or of its manager, one of which is there. */
  readonly models?: readonly string[];
  /** First firmware version of the manager that has it. */
  readonly from?: string;
  /** First firmware version of the manager that no longer has it. */
  readonly before?: string;
  /** RedfishVersion of the service root. */
  readonly redfishVersion?: string;
}

export interface Quirk {
  readonly id: string;
  /** Empty: known by how it behaves, not by who it is. */
  readonly services: readonly QuirkyService[];
  readonly what: string;
  /** What changes; "always": what this library does with every service copes with it; "none": good to know. */
  readonly remedy: Partial<Behaviour> | 'always' | 'none';
  readonly sources: readonly string[];
}

/** A release note of Ironic. */
export const ironicNote = (name: string): string =>
  `https://github.com/openstack/ironic/blob/master/releasenotes/notes/${name}.yaml`;

/** A release note of sushy, Ironic's Redfish library. */
export const sushyNote = (name: string): string =>
  `https://github.com/openstack/sushy/blob/master/releasenotes/notes/${name}.yaml`;

const github = (kind: 'issues' | 'pull') => (repository: string, number: number) =>
  `https://github.com/${repository}/${kind}/${number}`;
export const issue = github('issues');
export const pullRequest = github('pull');

export const nvRedfishQuirks = 'https://github.com/NVIDIA/nv-redfish/blob/main/redfish/src/bmc_quirks.rs';
