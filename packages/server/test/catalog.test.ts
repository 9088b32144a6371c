// Which interfaces a node gets, which are refused and with which words, and drivers of third parties beside our own.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createBootServices } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import { createCatalog, DriverConfigurationError } from '../src/drivers/catalog.ts';
import { loadDrivers } from '../src/drivers/index.ts';
import { silentLog } from './support/conductor.ts';

async function catalogWith(t: TestContext, set: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-catalog-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({ dataDirectory: directory, set });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  return createCatalog(await loadDrivers(config, environment), config);
}

test('each node names the hardware type and interfaces that manage it, several types in one conductor', async (t) => {
  const catalog = await catalogWith(t, ['drivers.enabled=["ipmi","fake-hardware","manual-management"]']);
  assert.deepEqual(catalog.names, ['fake-hardware', 'ipmi', 'manual-management']);
  assert.equal(catalog.resolve('ipmi', {}).power_interface, 'ipmitool');
  assert.equal(catalog.resolve('fake-hardware', {}).power_interface, 'fake');
  assert.equal(catalog.resolve('ipmi', { network_interface: 'noop' }).network_interface, 'noop');
  assert.ok('ipmi_address' in catalog.properties('ipmi'));
});

test('an interface that is not enabled, or not supported by the type, is refused with what there is', async (t) => {
  const catalog = await catalogWith(t, ['drivers.enabled=["ipmi","fake-hardware"]']);
  assert.throws(() => catalog.resolve('ipmi', { power_interface: 'redfish' }), {
    name: 'InterfaceNotFoundInEntrypoint',
    message: /"redfish".*ipmitool/,
  });
  assert.throws(() => catalog.resolve('ipmi', { power_interface: 'fake' }), {
    name: 'IncompatibleInterface',
    message: /"fake".*"ipmi".*ipmitool/,
  });
  assert.equal(catalog.resolve('fake-hardware', { power_interface: 'ipmitool' }).power_interface, 'ipmitool');
  assert.throws(() => catalog.resolve('no-such-type', {}), { name: 'DriverNotFound', message: /fake-hardware, ipmi/ });
});

test('the configured default goes before the first supported interface', async (t) => {
  const catalog = await catalogWith(t, ['drivers.enabled=["fake-hardware"]', 'drivers.default_network_interface=noop']);
  assert.equal(catalog.resolve('fake-hardware', {}).network_interface, 'noop');
});

test('a hardware type that no driver offers is a mistake of the configuration', async (t) => {
  await assert.rejects(catalogWith(t, ['drivers.enabled=["ipmj"]']), (error: Error) => {
    assert.ok(error instanceof DriverConfigurationError);
    assert.match(error.message, /"ipmj".*Offered: .*ipmi/);
    return true;
  });
});

const kit = fileURLToPath(new URL('../src/drivers/kit/index.ts', import.meta.url));

const thirdPartyDriver = `
import { defineDriver, genericInterfaces } from ${JSON.stringify(kit)};
export default defineDriver(({ config }) => ({
  hardwareTypes: [{ name: 'acme', supported: { ...genericInterfaces, power: ['acme'] } }],
  interfaces: [{
    kind: 'power', name: 'acme', properties: { acme_slot: 'Number of the slot.' }, supportedTargets: ['power on', 'power off'],
    canSync: true, async validate() {}, async getPowerState() { return 'power on'; }, async setPowerState() {},
  }],
}));
`;

test('a driver module of a third party stands beside the built-in ones', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-acme-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const module = join(directory, 'acme.mjs');
  await writeFile(module, thirdPartyDriver);
  const catalog = await catalogWith(t, ['drivers.enabled=["acme","ipmi"]', `drivers.modules=["${module}"]`]);
  assert.equal(catalog.resolve('acme', {}).power_interface, 'acme');
  assert.equal(catalog.resolve('acme', {}).deploy_interface, 'direct');
  assert.deepEqual(catalog.properties('acme').acme_slot, 'Number of the slot.');
});

test('a module that can not be loaded is named with the reason', async (t) => {
  const module = '/no/such/driver.mjs';
  await assert.rejects(
    catalogWith(t, [`drivers.modules=["${module}"]`]),
    /drivers\.modules: "\/no\/such\/driver\.mjs"/,
  );
});
