// fake-hardware: machines that exist only in the store, for tests, demonstrations and client development.
import { createGraphicalConsoles } from '../../console/graphical-consoles.ts';
import { defineDriver, genericInterfaces, type SupportedInterfaces } from '../kit/index.ts';
import { consoles, fakeGraphicalConsole } from './console.ts';
import { boot, deploy, management, power, storage } from './core.ts';
import { bios, firmware, inspect, rescue } from './optional.ts';
import { raid } from './raid.ts';
import { vendor } from './vendor.ts';

const supported: SupportedInterfaces = {
  bios: ['fake', ...genericInterfaces.bios],
  boot: ['fake', ...genericInterfaces.boot],
  console: ['fake', 'fake-graphical', ...genericInterfaces.console],
  deploy: ['fake', ...genericInterfaces.deploy],
  firmware: ['fake', ...genericInterfaces.firmware],
  inspect: ['fake', ...genericInterfaces.inspect],
  management: ['fake'],
  network: genericInterfaces.network,
  power: ['fake'],
  raid: ['fake', ...genericInterfaces.raid],
  rescue: ['fake', ...genericInterfaces.rescue],
  storage: ['fake', ...genericInterfaces.storage],
  vendor: ['fake', ...genericInterfaces.vendor],
};

export default defineDriver(({ config, log }) => {
  const screens = createGraphicalConsoles(config, log);
  return {
    hardwareTypes: [{ name: 'fake-hardware', supported, acceptsAnyInterface: true }],
    interfaces: [
      power,
      management,
      boot,
      deploy,
      storage,
      bios,
      consoles,
      fakeGraphicalConsole(screens),
      firmware,
      inspect,
      raid,
      rescue,
      vendor,
    ],
    async close() {
      screens.close();
    },
  };
});
