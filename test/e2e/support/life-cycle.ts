// The main job through the real client, for any firmware: enrol, manage, clean, deploy, prove, take back.
import assert from 'node:assert/strict';
import {
  configDriveWithNonce,
  type MachineHandle,
  managedBy,
  proveByNonce,
  type Site,
  waitForState,
} from '@wrought/lab';
import { type Baremetal, baremetalClient } from './baremetal.ts';

const stepDeadlineSeconds = 480;

/**
 * Deploys an image on the machine and takes it back; throws where something is not as it should be. `whileActive` is called
 * in between, with the nonce that the instance prints when it boots; `createArguments` are more of `baremetal node create`.
 * A machine that comes with `--no-automated-clean` is cleaned only when it is taken back.
 */
export async function deployAndTakeBack(
  site: Site,
  machine: MachineHandle,
  format: 'raw' | 'qcow2',
  whileActive?: (baremetal: Baremetal, nonce: string) => Promise<void>,
  createArguments: readonly string[] = [],
): Promise<void> {
  const baremetal = baremetalClient(site);
  const { record } = machine;
  const name = record.name;
  const failureStates = ['enroll', 'clean failed', 'deploy failed', 'error'];
  const until = (state: string) =>
    waitForState(site.api, name, state, {
      deadlineSeconds: stepDeadlineSeconds,
      failureStates: failureStates.filter((each) => each !== state),
    });

  const { driver, driverInfo } = managedBy(machine);
  const node = (await baremetal(
    ...['node', 'create', '--driver', driver, '--name', name, '--network-interface', 'noop', '-f', 'json'],
    ...['--rescue-interface', 'agent', ...createArguments],
    ...['--property', 'cpu_arch=x86_64', '--property', `capabilities=boot_mode:${record.firmware}`],
    ...Object.entries(driverInfo).flatMap(([key, value]) => ['--driver-info', `${key}=${value}`]),
  )) as { uuid: string; provision_state: string; driver_info: Record<string, string> };
  assert.equal(node.provision_state, 'enroll');
  assert.equal(node.driver_info[`${driver}_password`], '******');
  const address = record.nics[0]?.mac ?? '';
  await baremetal('port', 'create', address, '--node', node.uuid, '-f', 'json');

  await baremetal('node', 'manage', name);
  await until('manageable');
  const validation = (await baremetal('node', 'validate', name, '-f', 'json')) as {
    Interface: string;
    Result: boolean;
  }[];
  const power = validation.find((row) => row.Interface === 'power');
  assert.equal(power?.Result, true);

  await baremetal('node', 'provide', name);
  await until('available');

  const image = site.image[format];
  await baremetal(
    ...['node', 'set', name],
    ...['--instance-info', `image_source=${format === 'raw' ? site.image.rawUrl : site.image.qcow2Url}`],
    ...['--instance-info', 'image_os_hash_algo=sha256', '--instance-info', `image_os_hash_value=${image.sha256}`],
    ...['--instance-info', `image_disk_format=${format}`],
  );
  const { nonce, configdrive } = configDriveWithNonce(name);
  const offset = machine.serialOffset();
  await baremetal('node', 'deploy', name, '--config-drive', JSON.stringify(configdrive));
  await until('active');
  const line = await proveByNonce(machine, nonce, offset);
  assert.match(line, new RegExp(`hostname=${name} `));
  const active = (await baremetal('node', 'show', name, '-f', 'json')) as Record<string, unknown>;
  assert.equal(active.power_state, 'power on');
  assert.equal(active.last_error, null);
  assert.equal(active.instance_info !== undefined, true);

  // The proof came from the disk: the firmware was told to boot it, for this boot and all later ones.
  const boot = (await baremetal('node', 'boot', 'device', 'show', name, '-f', 'json')) as { boot_device: string };
  assert.equal(boot.boot_device, 'disk');

  await whileActive?.(baremetal, nonce);
  await baremetal('node', 'set', name, '--automated-clean');
  await baremetal('node', 'undeploy', name);
  const available = await until('available');
  assert.equal(available.power_state, 'power off');
  const cleared = (await baremetal('node', 'show', name, '-f', 'json')) as Record<string, unknown>;
  assert.deepEqual(cleared.instance_info, {});
  assert.equal(cleared.instance_uuid, null);
}
