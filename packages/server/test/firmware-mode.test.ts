// The firmware of a machine is brought into the mode that its boot needs, and only where that differs and the BMC can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@wrought/contract';
import { registeredError } from '@wrought/contract';
import { applyBootMode, applySecureBoot } from '../src/boot/ramdisk/firmware-mode.ts';
import type { ManagementInterface } from '../src/drivers/kit/index.ts';
import { testTask } from './support/task.ts';

function machine(node: Partial<Node>, more: Partial<ManagementInterface> = {}) {
  const told: unknown[] = [];
  const management: ManagementInterface = {
    kind: 'management',
    name: 'noted',
    properties: {},
    validate: async () => {},
    supportedBootDevices: async () => [],
    setBootDevice: async () => {},
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
    getBootMode: async () => 'bios',
    setBootMode: async (_task, mode) => void told.push(mode),
    setSecureBoot: async (_task, isOn) => void told.push(isOn),
    ...more,
  };
  const made = testTask({ node, interfaces: [management] });
  return { ...made, told };
}

const uefi = { instance_info: { capabilities: { boot_mode: 'uefi' } } };

test('the boot mode is set where the BMC reports another one', async () => {
  const differs = machine(uefi);
  await applyBootMode(differs.task);
  assert.deepEqual(differs.told, ['uefi']);
  assert.match(differs.evidence[0]?.message ?? '', /set from "bios" to "uefi"/);
  const same = machine({ instance_info: { capabilities: { boot_mode: 'bios' } } });
  await applyBootMode(same.task);
  assert.deepEqual(same.told, []);
});

test('a BMC that does not tell its mode is left alone; one that fails is not', async () => {
  const silent = machine(uefi, {
    async getBootMode() {
      throw registeredError('UnsupportedDriverExtension', {
        ...{ interface: 'management', implementation: 'noted', node: 'n', extension: 'the boot mode' },
      });
    },
  });
  await applyBootMode(silent.task);
  assert.deepEqual(silent.told, []);
  const broken = machine(uefi, {
    async getBootMode() {
      throw new Error('The BMC is away.');
    },
  });
  await assert.rejects(applyBootMode(broken.task), /The BMC is away/);
});

test('secure boot is switched for instances that ask for it, and for no others', async () => {
  const secure = machine({ instance_info: { capabilities: { secure_boot: 'true' } } });
  await applySecureBoot(secure.task, true);
  await applySecureBoot(secure.task, false);
  assert.deepEqual(secure.told, [true, false]);
  const plain = machine(uefi);
  await applySecureBoot(plain.task, true);
  assert.deepEqual(plain.told, []);
});
