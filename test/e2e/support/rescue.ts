// Rescue of a machine that runs an instance: into the ramdisk, a login with the password over SSH, and back to the instance.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type MachineHandle,
  ProgramError,
  proveByNonce,
  runInNamespace,
  type Site,
  timeline,
  waitForState,
} from '@wrought/lab';
import type { Baremetal } from './baremetal.ts';

const deadlineSeconds = 300;

/** Runs a command on the machine as user rescue; throws ProgramError with ssh's words when it does not let in. */
async function logIn(site: Site, address: string, password: string, command: string): Promise<string> {
  const ask = join(site.directory, 'ask-password');
  writeFileSync(ask, '#!/bin/sh\nprintf "%s\\n" "$RESCUE_PASSWORD"\n', { mode: 0o700 });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'NumberOfPasswordPrompts=1'];
  const { stdout } = await runInNamespace(
    site.lab.record.namespace,
    'ssh',
    [...options.flatMap((option) => ['-o', option]), '-F', 'none', `rescue@${address}`, command],
    {
      timeoutSeconds: 60,
      env: { PATH: process.env.PATH, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force', RESCUE_PASSWORD: password },
    },
  );
  return stdout;
}

/** Where the agent of the last boot was reached. */
async function addressOfAgent(site: Site, node: string): Promise<string> {
  const found = (await timeline(site.api, node)).flatMap(
    ({ message }) => /First heartbeat of the agent at https:\/\/([\d.]+):/.exec(message)?.[1] ?? [],
  );
  return found.at(-1) ?? assert.fail('the timeline tells no address of an agent');
}

/** Rescues the machine and returns to its instance; throws where something is not as it should be. */
export async function rescueAndReturn(
  site: Site,
  machine: MachineHandle,
  baremetal: Baremetal,
  nonce: string,
): Promise<void> {
  const { name } = machine.record;
  const password = randomBytes(12).toString('hex');
  const until = (state: string) =>
    waitForState(site.api, name, state, { deadlineSeconds, failureStates: ['rescue failed', 'unrescue failed'] });

  const offset = machine.serialOffset();
  await baremetal('node', 'rescue', name, '--rescue-password', password);
  await until('rescue');
  await machine.waitForSerial(/user rescue may log in/, { deadlineSeconds, fromOffset: offset });
  const address = await addressOfAgent(site, name);
  assert.equal(await logIn(site, address, password, 'id -u; hostname'), '0\nwrought-agent\n');
  await assert.rejects(logIn(site, address, 'another', 'id'), (error: ProgramError) => {
    assert.ok(error instanceof ProgramError);
    assert.match(error.message, /Permission denied/);
    return true;
  });
  const rescued = (await baremetal('node', 'show', name, '-f', 'json')) as { instance_info: object };
  assert.ok(!('hashed_rescue_password' in rescued.instance_info), 'the password is forgotten when the ramdisk has it');

  const back = machine.serialOffset();
  await baremetal('node', 'unrescue', name);
  await until('active');
  await proveByNonce(machine, nonce, back);
}
