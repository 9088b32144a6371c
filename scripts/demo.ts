// `make demo`: the main job on a virtual machine, live: enrol, clean, deploy, prove that the system runs, take it back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  configDriveWithNonce,
  type Milestone,
  proveByNonce,
  provision,
  type Site,
  setImage,
  startSite,
  type TimelineEvent,
} from '@wrought/lab';

const root = fileURLToPath(new URL('..', import.meta.url));
const firmware = process.env.FIRMWARE === 'uefi' ? 'uefi' : 'bios';
const keep = process.env.KEEP === '1';
/** Small, because cleaning overwrites all of it, twice. */
const diskMiB = 2048;
const started = performance.now();
const phases: { name: string; seconds: number }[] = [];

function say(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${text}`);
}

async function phase<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  console.log(`\n== ${name}`);
  const begin = performance.now();
  const result = await work();
  phases.push({ name, seconds: (performance.now() - begin) / 1000 });
  return result;
}

function showEvent(event: TimelineEvent): void {
  say(`  ${event.severity === 'info' ? '' : `${event.severity}: `}${event.message}`);
}

function showMilestone(milestone: Milestone): void {
  if (milestone.kind !== 'os-config') say(`    console: ${milestone.text}`);
}

async function run(site: Site): Promise<void> {
  const { api, image } = site;
  const machine = site.lab.machines[0];
  if (machine === undefined) throw new Error('the lab has no machine');
  const follower = machine.followMilestones(showMilestone);
  try {
    const node = await phase('enrol: a node with a BMC and a network card', () => site.enrol(machine));
    say(
      `node ${node}: IPMI at ${machine.record.bmc.address}, ${firmware.toUpperCase()}, ${machine.record.nics[0]?.mac}`,
    );
    const options = { api, node, onEvent: showEvent };
    await phase('manage: can the BMC be reached?', () => provision(options, 'manage', 'manageable'));
    await phase('provide: cleaning in the ramdisk', () => provision(options, 'provide', 'available'));
    await setImage(api, node, { url: image.qcow2Url, sha256: image.qcow2.sha256, format: 'qcow2' });
    const { nonce, configdrive } = configDriveWithNonce(machine.record.name);
    const offset = machine.serialOffset();
    await phase('deploy: write the image, boot it', () => provision(options, 'active', 'active', { configdrive }));
    const line = await phase('proof: what the deployed system says', () => proveByNonce(machine, nonce, offset));
    say(`nonce of this run: ${nonce}`);
    say(`serial console:    ${line}`);
    if (keep) return;
    await phase('undeploy: tear down, clean again', () => provision(options, 'deleted', 'available'));
  } finally {
    follower.close();
  }
}

const directory = keep ? join(tmpdir(), 'wrought-demo') : mkdtempSync(join(tmpdir(), 'wrought-demo-'));
const site = await phase('prepare: ramdisk, operating system image, lab, server', () =>
  startSite({
    directory,
    program: join(root, 'bin/wrought'),
    firmware,
    machines: [{ disks: [{ sizeMiB: diskMiB }] }],
    log: say,
  }),
);
let isGood = false;
try {
  await run(site);
  isGood = true;
} catch (error) {
  console.error(`\nThe demo failed: ${(error as Error).message}\nLogs are in ${directory}`);
}
if (keep) {
  console.log(`\nLeft running in ${directory}:`);
  console.log(`  bin/wrought --data-dir ${join(directory, 'server')} node list`);
  console.log(`  bin/wrought lab down --directory ${join(directory, 'lab')}    # ends it`);
} else {
  await site.down();
  if (isGood) rmSync(directory, { recursive: true, force: true });
}
console.log('\nTimes');
for (const { name, seconds } of phases) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  all of it`);
if (keep && isGood) process.exit(0);
process.exitCode = isGood ? 0 : 1;
