// All resources of a service of a model.
import type { Model } from '../models/model.ts';
import type { Route } from '../types.ts';
import { accountRoutes } from './accounts.ts';
import { biosRoutes } from './bios.ts';
import { certificateRoutes } from './certificates.ts';
import { chassisRoutes } from './chassis.ts';
import { dellRoutes } from './dell.ts';
import { dellRaidRoutes } from './dell-raid.ts';
import { eventRoutes } from './events.ts';
import { inventoryRoutes } from './inventory.ts';
import { managerRoutes } from './manager.ts';
import { registryRoutes } from './registries.ts';
import { secureBootRoutes } from './secure-boot.ts';
import { serviceRootRoutes } from './service-root.ts';
import { sessionRoutes } from './sessions.ts';
import { storageRoutes } from './storage.ts';
import { systemRoutes } from './system.ts';
import { taskRoutes } from './tasks.ts';
import { updateRoutes } from './update.ts';
import { virtualMediaRoutes } from './virtual-media.ts';

export const routesOf = (model: Model): readonly Route[] => [
  ...serviceRootRoutes(),
  ...sessionRoutes(model),
  ...accountRoutes(model),
  ...systemRoutes(model),
  ...biosRoutes(model),
  ...secureBootRoutes(model),
  ...inventoryRoutes(model),
  ...storageRoutes(model),
  ...managerRoutes(model),
  ...virtualMediaRoutes(model),
  ...dellRoutes(model),
  ...dellRaidRoutes(model),
  ...chassisRoutes(model),
  ...updateRoutes(model),
  ...taskRoutes(model),
  ...eventRoutes(model),
  ...certificateRoutes(model),
  ...registryRoutes(model),
];
