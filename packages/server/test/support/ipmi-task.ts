// A task on a node behind an IPMI BMC, with the interfaces of the ipmi driver and the backend that a test names.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createBmcCalls } from '../../src/drivers/ipmi/bmc-calls.ts';
import { chooseBackend } from '../../src/drivers/ipmi/choose-backend.ts';
import { ipmitoolManagement } from '../../src/drivers/ipmi/management.ts';
import { openNativeIpmi } from '../../src/drivers/ipmi/native/index.ts';
import { ipmitoolPower } from '../../src/drivers/ipmi/power.ts';
import { ipmitoolVendor } from '../../src/drivers/ipmi/vendor.ts';
import type { Task, VendorInterface } from '../../src/drivers/kit/index.ts';
import { testTask } from './task.ts';

/** Fails fast. */
export const quick = ['ipmi.min_command_interval=0', 'ipmi.command_retry_timeout=1'];

export type Backend = 'native' | 'ipmitool';

/** Calls vendor methods and runs steps as the server does: validated first. */
function vendorCalls(task: Task, vendor: VendorInterface) {
  return {
    async call(name: string, body: Record<string, unknown>) {
      const method = vendor.nodeMethods.find((each) => each.name === name);
      assert.ok(method !== undefined);
      const request = { httpMethod: 'POST', body } as const;
      await method.validate?.(task, request);
      await method.run(task, request);
    },
  };
}

/** Makes it; sessions end with the test. */
export function ipmiTask(
  t: TestContext,
  backend: Backend,
  port: number,
  info: Record<string, unknown> = {},
  set: readonly string[] = quick,
) {
  const calls = createBmcCalls();
  const native = openNativeIpmi(calls);
  t.after(() => native.sessions.close());
  const chosen = chooseBackend(calls, async () => native);
  const power = ipmitoolPower(chosen);
  const management = ipmitoolManagement(chosen);
  const vendor = ipmitoolVendor(chosen);
  const driver_info = {
    ipmi_address: '127.0.0.1',
    ipmi_port: port,
    ipmi_username: 'admin',
    ipmi_password: 'secret12',
    ...info,
  };
  const interfaces = [power, management, vendor];
  const tasked = testTask({ node: { driver_info }, interfaces, set: [...set, `ipmi.backend=${backend}`] });
  return { ...tasked, power, management, vendor, ...vendorCalls(tasked.task, vendor) };
}

/** The same test with each backend: what a BMC does must not depend on how it is reached. */
export function testOnBackends(name: string, body: (t: TestContext, backend: Backend) => Promise<void>): void {
  for (const backend of ['native', 'ipmitool'] as const) {
    test(`${name} (${backend})`, (t) => body(t, backend));
  }
}
