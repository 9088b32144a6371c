// Writes the reference page of API versions from the log and the declarations, so that it can not fall behind them.
import type { Resource } from './field.ts';
import { MAXIMUM_MINOR, MINIMUM_MINOR, microversionLog, versionText } from './microversions.ts';
import { allocationResource } from './resources/allocation.ts';
import { biosSettingResource } from './resources/bios-setting.ts';
import { chassisResource } from './resources/chassis.ts';
import { conductorResource } from './resources/conductor.ts';
import { deployTemplateResource } from './resources/deploy-template.ts';
import { driverResource } from './resources/driver.ts';
import { firmwareComponentResource } from './resources/firmware-component.ts';
import { inspectionRuleResource } from './resources/inspection-rule.ts';
import { nodeResource } from './resources/node.ts';
import { nodeHistoryResource } from './resources/node-history.ts';
import { portResource } from './resources/port.ts';
import { portgroupResource } from './resources/portgroup.ts';
import { runbookResource } from './resources/runbook.ts';
import { shardResource } from './resources/shard.ts';
import { volumeConnectorResource, volumeTargetResource } from './resources/volume.ts';
import { verbs } from './states.ts';

/** Every resource that has its fields declared. */
export const resources: readonly Resource[] = [
  nodeResource,
  portResource,
  portgroupResource,
  chassisResource,
  driverResource,
  conductorResource,
  deployTemplateResource,
  nodeHistoryResource,
  biosSettingResource,
  firmwareComponentResource,
  volumeConnectorResource,
  volumeTargetResource,
  shardResource,
  allocationResource,
  runbookResource,
  inspectionRuleResource,
];

/** What a version brought: names of fields ("node.owner") and verbs. */
function broughtBy(minor: number): { readonly fields: readonly string[]; readonly verbs: readonly string[] } {
  const fields = resources.flatMap(({ name, fields: declared }) =>
    Object.entries(declared)
      .filter(([, { since }]) => since === minor)
      .map(([field]) => `${name}.${field}`),
  );
  const verbNames = Object.entries(verbs)
    .filter(([, { since }]) => since === minor)
    .map(([verb]) => verb);
  return { fields, verbs: verbNames };
}

/** The page in Markdown: one row a version, the newest first. */
export function versionPage(): string {
  const rows: string[] = [];
  for (let minor = MAXIMUM_MINOR; minor >= MINIMUM_MINOR; minor -= 1) {
    const { fields, verbs: verbNames } = broughtBy(minor);
    const names = [...fields, ...verbNames.map((verb) => `verb ${verb}`)].map((name) => `\`${name}\``);
    rows.push(
      `| ${versionText(minor)} | ${microversionLog[minor]} | ${minor === MINIMUM_MINOR ? 'everything else' : names.join(', ')} |`,
    );
  }
  return [
    '# API versions',
    '',
    'A request names its version in `X-OpenStack-Ironic-API-Version` (or `OpenStack-API-Version: baremetal ...`); without one it is',
    `${versionText(MINIMUM_MINOR)}. The newest is ${versionText(MAXIMUM_MINOR)}. Fields and verbs are hidden from, and refused to, older versions.`,
    '',
    '| version | change | fields and verbs of this server |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
