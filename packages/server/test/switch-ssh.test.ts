// Switches with a command line, of every profile, through SSH: ports, trunks, groups, refusals, and what is told when one is away.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort, type SwitchSimulator, startSwitchSimulator, switchModelNames } from '@wrought/lab';
import ssh2 from 'ssh2';
import { accessTo, isSamePort, type PortState } from '../src/network/switches/port-config.ts';
import { findProfile, profiles } from '../src/network/switches/ssh/profiles/index.ts';
import { openSsh, type SshOptions } from '../src/network/switches/ssh/ssh.ts';
import { SwitchError, type SwitchSession } from '../src/network/switches/switch-driver.ts';
import { switchPortNames } from './support/switch-port-names.ts';

const never = new AbortController().signal;
async function given(t: TestContext, model: string): Promise<{ simulator: SwitchSimulator; options: SshOptions }> {
  const simulator = await startSwitchSimulator({
    ...{ model, ports: switchPortNames(model), username: 'wrought', password: 'secret', enablePassword: 'more-secret' },
  });
  t.after(() => simulator.close());
  const options: SshOptions = {
    ...{ host: simulator.address, port: simulator.port, username: 'wrought', password: 'secret', privateKey: null },
    ...{ hostKey: simulator.hostKey, enablePassword: 'more-secret', legacyAlgorithms: false, timeoutSeconds: 20 },
    ...{ profile: findProfile(model) ?? assert.fail(`no profile ${model}`), save: true },
  };
  return { simulator, options };
}

async function withSession<Result>(options: SshOptions, work: (session: SwitchSession) => Promise<Result>) {
  const session = await openSsh(options, never);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

const alone = (config: Omit<PortState, 'lag'>): PortState => ({ ...config, lag: null });
const trunk = (...allowed_vlans: number[]) => alone({ mode: 'trunk', native_vlan: 201, allowed_vlans });
const description = 'node web port 52:54:00:12:34:56';

test('there is a simulated switch for every profile, and sources of its commands', () => {
  assert.deepEqual(
    profiles.map(({ name }) => name),
    switchModelNames,
  );
  for (const { name, source } of profiles) {
    assert.ok(source.length > 0, name);
  }
});

for (const model of switchModelNames) {
  const [first, second] = switchPortNames(model);

  test(`${model}: VLANs come and go, and only what differs changes`, async (t) => {
    const { simulator, options } = await given(t, model);
    await withSession(options, async (session) => {
      for (const state of [
        alone(accessTo(100)),
        trunk(300, 301, 302, 310),
        trunk(301, 400),
        alone(accessTo(4000)),
        alone(accessTo(1)),
      ]) {
        await session.writePorts([{ name: first, state, description }]);
        const [seen] = await session.readPorts([first]);
        assert.ok(
          seen?.state != null && isSamePort(seen.state, state),
          `${JSON.stringify(state)} became ${JSON.stringify(seen)}: ${simulator.lines(first).join(' | ')}`,
        );
      }
      await session.writePorts([{ name: second, state: trunk(300), description }]);
    });
    assert.ok(simulator.lines(second).some((line) => line.includes('300')));
    assert.ok(simulator.isSaved());
    assert.doesNotMatch(simulator.entered.join('\n'), /secret/);
  });

  test(`${model}: ports are grouped, regrouped and single again`, async (t) => {
    const { simulator, options } = await given(t, model);
    const { profile } = options;
    const pair = (state: PortState) => [first, second].map((name) => ({ name, state, description }));
    const grouped = (aggregation: 'lacp' | 'static', number: number): PortState => ({
      ...trunk(300),
      lag: { name: `bond${number}`, aggregation },
    });
    await withSession(options, async (session) => {
      if (profile.group === null) {
        await assert.rejects(session.writePorts(pair(grouped('lacp', 7))), /configures no link aggregation/);
        return;
      }
      await session.writePorts(pair(alone(accessTo(100))));
      for (const state of [grouped('lacp', 7), grouped('static', 7), grouped('lacp', 8), alone(accessTo(100))]) {
        await session.writePorts(pair(state));
        const lag = state.lag === null ? null : { ...state.lag, name: session.groupName(state.lag.name) };
        for (const seen of await session.readPorts([first, second])) {
          assert.ok(
            seen.state !== null && isSamePort(seen.state, { ...state, lag }),
            `${JSON.stringify(state)} became ${JSON.stringify(seen)}: ${simulator.lines(first).join(' | ')}`,
          );
        }
      }
      assert.throws(() => session.groupName('uplink'), /lag_name has to end with its number/);
    });
  });

  test(`${model}: what the switch refuses is told, and the change is left`, async (t) => {
    const { simulator, options } = await given(t, model);
    simulator.fault = 'refusing';
    await withSession({ ...options, profile: { ...options.profile, refusals: [/^% error/i] } }, async (session) => {
      const write = session.writePorts([{ name: first, state: alone(accessTo(100)), description }]);
      await assert.rejects(
        write,
        (error) => error instanceof SwitchError && /refused ".+": % Error/.test(error.message),
      );
      simulator.fault = null;
      // The session goes on where it began.
      await session.writePorts([{ name: first, state: alone(accessTo(100)), description }]);
      const [seen] = await session.readPorts([first]);
      assert.deepEqual(seen?.state, alone(accessTo(100)));
    });
  });
}

test('a name that is no port of the switch is refused, and none that would be more than a name', async (t) => {
  const { simulator, options } = await given(t, 'cisco-ios');
  await withSession(options, async (session) => {
    await assert.rejects(session.readPorts(['GigabitEthernet9/9/9']), /refused "show .*9\/9\/9": % Invalid input/);
    await assert.rejects(session.readPorts(['Gi1\nreload']), /is no name of a port/);
  });
  assert.ok(!simulator.entered.includes('reload'));
});

test('who does not get in is told why', async (t) => {
  const { simulator, options } = await given(t, 'cisco-ios');
  const refused = async (more: Partial<SshOptions>, expected: RegExp) => {
    await assert.rejects(openSsh({ ...options, ...more }, never), (error) => {
      assert.ok(error instanceof SwitchError, String(error));
      assert.match(error.message, expected);
      return true;
    });
  };
  await refused({ password: 'wrong' }, /the login as "wrought" was refused/);
  await refused({ enablePassword: 'wrong' }, /the enable password was refused/);
  const other = `SHA256:${'A'.repeat(43)}`;
  await refused({ hostKey: other }, new RegExp(`its key is ${simulator.hostKey.replaceAll(/[+/]/g, '.')}, and not`));
  await refused({ port: await freePort() }, /ECONNREFUSED/);
  await refused({ privateKey: 'no key' }, /Cannot parse privateKey.*; check key_file/);
  simulator.fault = 'terminalless';
  await refused({ timeoutSeconds: 1 }, /it opened no terminal within 1 s/);
  simulator.fault = 'silent';
  await refused({ timeoutSeconds: 1 }, /no prompt came within 1 s after the login/);
});

test('who holds the key gets in without a password, and nobody else', async (t) => {
  const { private: privateKey, public: authorizedKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const simulator = await startSwitchSimulator({
    ...{ model: 'dell-os10', ports: ['ethernet1/1/1'], username: 'wrought', password: 'secret', authorizedKey },
  });
  t.after(() => simulator.close());
  const options: SshOptions = {
    ...{ host: simulator.address, port: simulator.port, username: 'wrought', password: null, privateKey },
    ...{ hostKey: simulator.hostKey, enablePassword: null, legacyAlgorithms: true, timeoutSeconds: 20, save: false },
    profile: findProfile('dell-os10') ?? assert.fail(),
  };
  await withSession(options, async (session) => {
    assert.deepEqual((await session.readPorts(['ethernet1/1/1']))[0]?.state, alone(accessTo(1)));
  });
  const { private: other } = ssh2.utils.generateKeyPairSync('ed25519');
  await assert.rejects(openSsh({ ...options, privateKey: other }, never), /the login as "wrought" was refused/);
});

test('a switch that hangs up in the middle, and work that is ended, are told', async (t) => {
  const { simulator, options } = await given(t, 'arista-eos');
  simulator.fault = 'closing';
  await withSession(options, async (session) => {
    const write = session.writePorts([{ name: 'Ethernet1', state: alone(accessTo(100)), description }]);
    await assert.rejects(write, /the switch ended the session; and the change could not be left/);
  });
  simulator.fault = null;
  const ending = new AbortController();
  const session = await openSsh(options, ending.signal);
  ending.abort();
  await assert.rejects(session.readPorts(['Ethernet1']), SwitchError);
});
