// What is typed at switches of every profile, line by line, as recorded in switch-dialogs/; WRITE_DIALOGS=1 records anew, to be read before it lands.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSwitchSimulator } from '@wrought/lab';
import { accessTo, type PortState } from '../src/network/switches/port-config.ts';
import { profiles } from '../src/network/switches/ssh/profiles/index.ts';
import { openSsh } from '../src/network/switches/ssh/ssh.ts';
import { switchPortNames } from './support/switch-port-names.ts';

const description = 'node web port 52:54:00:12:34:56';
const access = (vlan: number): PortState => ({ ...accessTo(vlan), lag: null });
const trunk = (...allowed_vlans: number[]): PortState => ({
  mode: 'trunk',
  native_vlan: 201,
  allowed_vlans,
  lag: null,
});
const grouped: PortState = { ...trunk(300), lag: { name: 'bond7', aggregation: 'lacp' } };

for (const profile of profiles) {
  test(`${profile.name}: the dialog is the recorded one`, async (t) => {
    const ports = switchPortNames(profile.name);
    const simulator = await startSwitchSimulator({ model: profile.name, ports, username: 'u', password: 'p' });
    t.after(() => simulator.close());
    const session = await openSsh(
      {
        ...{ host: simulator.address, port: simulator.port, username: 'u', password: 'p', privateKey: null },
        ...{ hostKey: simulator.hostKey, enablePassword: null, legacyAlgorithms: false, timeoutSeconds: 20 },
        ...{ profile, save: true },
      },
      new AbortController().signal,
    );
    let at = 0;
    let said = '';
    const step = async (title: string, names: readonly string[], state: PortState) => {
      await session.writePorts(names.map((name) => ({ name, state, description })));
      said += `# ${title}\n${simulator.entered.slice(at).join('\n')}\n`;
      at = simulator.entered.length;
    };
    const [first] = ports;
    await step('access', [first], access(100));
    await step('trunk', [first], trunk(300, 301));
    await step('trunk with another VLAN', [first], trunk(300, 400));
    if (profile.group !== null) {
      await step('both in a group', ports, grouped);
      await step('one leaves the group', [first], access(100));
    }
    await session.close();
    const file = fileURLToPath(new URL(`switch-dialogs/${profile.name}.txt`, import.meta.url));
    if (process.env.WRITE_DIALOGS === '1') {
      writeFileSync(file, said);
    }
    assert.equal(said, readFileSync(file, 'utf8'));
  });
}
