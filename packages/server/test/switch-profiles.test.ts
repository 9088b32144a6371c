// What switches print, as public documents show it, and what the profiles make of it; long lists, and models that differ.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startSwitchSimulator, switchModelNames } from '@wrought/lab';
import type { PortState } from '../src/network/switches/port-config.ts';
import type { SwitchProfile } from '../src/network/switches/ssh/profile.ts';
import { ciscoIos } from '../src/network/switches/ssh/profiles/cisco-ios.ts';
import { findProfile, profiles } from '../src/network/switches/ssh/profiles/index.ts';
import { openShell } from '../src/network/switches/ssh/shell.ts';
import { openSsh, type SshOptions } from '../src/network/switches/ssh/ssh.ts';
import { splitVlans } from '../src/network/switches/vlans.ts';
import { switchPortNames } from './support/switch-port-names.ts';

interface Printed {
  readonly prompts: readonly string[];
  readonly refusals: readonly string[];
  /** Lines that look like refusals, and are none. */
  readonly others: readonly string[];
}

const printed: Readonly<Record<string, Printed>> = {
  'arista-eos': {
    prompts: ['leaf1#', 'loc1-core01(s1)#', 'leaf1(config)#', 'leaf1(config-if-Et1/1)#', 'leaf1(s2)(config-if-Po7)#'],
    refusals: ['% Invalid input', '% Incomplete command', '% Cannot change mode; remove all members and try again.'],
    others: ['% Writing 1 file', 'Copy completed successfully.', 'Pagination disabled.', 'Width set to 511 columns.'],
  },
  'aruba-aoscx': {
    prompts: ['sw-leaf01#', 'switch(config)#', 'switch(config-if)#', 'switch(config-lag-if)#'],
    refusals: ['Invalid input: vlann', '% Command incomplete'],
    others: ['Copying configuration: [Success]'],
  },
  'cisco-ios': {
    prompts: ['Switch#', 'SW1(config)#', 'SW1(config-if)#'],
    refusals: [
      "% Invalid input detected at '^' marker.",
      'Command rejected: An interface whose trunk encapsulation is "Auto" can not be configured to "trunk" mode.',
      'Command rejected (Port-channel5, Fa0/3): Either port is L2 and port-channel is L3, or vice-versa',
    ],
    others: ['% Access VLAN does not exist. Creating vlan 100', 'Building configuration...', '[OK]'],
  },
  'cisco-nxos': {
    prompts: ['switch#', 'n9k-1(config)#', 'n9k-1(config-if)#'],
    refusals: ["% Invalid command at '^' marker.", "Incomplete command at '^' marker.", 'ERROR: not allowed'],
    others: ['[########################################] 100%', 'Copy complete.'],
  },
  'cumulus-nvue': {
    prompts: ['cumulus@switch:~$', 'cumulus@leaf01:mgmt:~$'],
    refusals: [
      'Error: Invalid parameter',
      'Invalid config [rev_id: 9]',
      'Failure during apply',
      '-bash: nv: command not found',
    ],
    others: ['applied [rev_id: 7]', 'saved'],
  },
  'dell-os10': {
    prompts: ['OS10#', 'OS10(config)#', 'OS10(conf-if-eth1/1/1)#', 'OS10(conf-if-po-7)#'],
    refusals: ['% Error: Unrecognized command.', 'Syntax error: unknown argument'],
    others: ['!'],
  },
  'juniper-junos': {
    prompts: ['user@host>', 'user@host#', 'admin@ex-1.lab>'],
    refusals: [
      'syntax error, expecting <command>.',
      'unknown command.',
      'error: configuration check-out failed',
      'error: configuration database modified',
    ],
    others: ['warning: statement not found', 'commit complete', 'Exiting configuration mode', 'Screen length set to 0'],
  },
};

for (const profile of profiles) {
  test(`${profile.name}: prompts and refusals are told from other lines`, () => {
    const { prompts, refusals, others } = printed[profile.name] ?? assert.fail(profile.name);
    const isRefusal = (line: string) => profile.refusals.some((each) => each.test(line));
    for (const prompt of prompts) {
      assert.match(prompt, profile.prompt);
    }
    for (const line of [...refusals, ...others]) {
      assert.equal(isRefusal(line), refusals.includes(line), line);
      assert.doesNotMatch(line, profile.prompt);
    }
  });
}

async function given(t: TestContext, model: string, profile: SwitchProfile) {
  const ports = switchPortNames(model);
  const simulator = await startSwitchSimulator({ model, ports, username: 'u', password: 'p' });
  t.after(() => simulator.close());
  const options: SshOptions = {
    ...{ host: simulator.address, port: simulator.port, username: 'u', password: 'p', privateKey: null },
    ...{ hostKey: simulator.hostKey, enablePassword: null, legacyAlgorithms: false, timeoutSeconds: 20, save: false },
    profile,
  };
  return { simulator, options, port: ports[0] };
}

const never = new AbortController().signal;
const description = 'node web port 52:54:00:12:34:56';
const trunk = (allowed_vlans: readonly number[]): PortState => ({
  ...{ mode: 'trunk', native_vlan: 201, allowed_vlans, lag: null },
});
/** As many as one port may have, with none beside another. */
const many = Array.from({ length: 100 }, (_, at) => 1001 + 2 * at);

for (const model of switchModelNames) {
  test(`${model}: more VLANs than go into one line come and go`, async (t) => {
    const { options, port, simulator } = await given(t, model, findProfile(model) ?? assert.fail());
    const session = await openSsh(options, never);
    for (const vlans of [many, [1001]]) {
      await session.writePorts([{ name: port, state: trunk(vlans), description }]);
      const [seen] = await session.readPorts([port]);
      assert.deepEqual(
        seen?.state?.allowed_vlans.filter((vlan) => vlan !== 201),
        vlans,
      );
    }
    await session.close();
    if (model !== 'juniper-junos') {
      assert.ok(simulator.entered.every((line) => line.length <= 254));
    }
  });
}

test('VLANs are split where a line would be too long', () => {
  const parts = splitVlans(many);
  assert.deepEqual(parts.join(',').split(',').map(Number), many);
  assert.ok(parts.length > 1 && parts.every((part) => part.length <= 200));
  assert.deepEqual(splitVlans([]), []);
  assert.deepEqual(splitVlans([2, 3, 4, 9]), ['2-4,9']);
});

test('a switch without ISL refuses to hear of encapsulation, and gets its trunk all the same', async (t) => {
  const { simulator, options, port } = await given(t, 'cisco-nxos', ciscoIos);
  const session = await openSsh(options, never);
  await session.writePorts([{ name: port, state: trunk([300]), description }]);
  await session.close();
  assert.ok(simulator.entered.includes('switchport trunk encapsulation dot1q'));
  assert.deepEqual(
    simulator.lines(port).filter((line) => /encapsulation|mode/.test(line)),
    ['switchport mode trunk'],
  );
});

test('what a switch asks before it saves is confirmed', async (t) => {
  const { simulator, options, port } = await given(t, 'cisco-ios', ciscoIos);
  const session = await openSsh({ ...options, save: true }, never);
  await session.writePorts([{ name: port, state: trunk([300]), description }]);
  assert.ok(simulator.isSaved());
  await session.close();
});

test('a routed port is in no VLAN, and becomes one that is switched', async (t) => {
  const { options, port } = await given(t, 'arista-eos', findProfile('arista-eos') ?? assert.fail());
  const shell = await openShell(options.profile, options, never);
  for (const line of ['configure', `interface ${port}`, 'no switchport', 'end']) {
    await shell.run(line);
  }
  await shell.close();
  const session = await openSsh(options, never);
  const [before] = await session.readPorts([port]);
  assert.ok(before?.state === null && before.reason === 'it is routed, and in no VLAN');
  await session.writePorts([{ name: port, state: trunk([300]), description }]);
  const [after] = await session.readPorts([port]);
  assert.equal(after?.state?.native_vlan, 201);
  await session.close();
});
