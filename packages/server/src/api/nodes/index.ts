// The routes of nodes and of what lies below them.
import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { biosRoutes } from './bios.ts';
import { bootModeRoutes } from './boot-mode.ts';
import { childrenRoutes } from './children.ts';
import { consoleRoutes } from './console.ts';
import { createRoutes } from './create.ts';
import { deleteRoutes } from './delete.ts';
import { firmwareRoutes } from './firmware.ts';
import { historyRoutes } from './history.ts';
import { indicatorRoutes } from './indicators.ts';
import { inventoryRoutes } from './inventory.ts';
import { listRoutes } from './list.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { managementRoutes } from './management.ts';
import { patchRoutes } from './patch/index.ts';
import { powerRoutes } from './power.ts';
import { provisionRoutes } from './provision.ts';
import { raidRoutes } from './raid.ts';
import { reservedWordRoutes } from './reserved-words.ts';
import { showRoutes } from './show.ts';
import { statesRoutes } from './states.ts';
import { traitRoutes } from './traits.ts';
import { validateRoutes } from './validate.ts';
import { vendorPassthruRoutes } from './vendor-passthru.ts';
import { nodeView } from './view.ts';
import { vifRoutes } from './vifs.ts';
import { virtualMediaRoutes } from './virtual-media.ts';

export function nodeRoutes(services: Services): readonly Route[] {
  const view = nodeView(services);
  return [
    ...listRoutes(services, view),
    ...createRoutes(services, view),
    ...showRoutes(services, view),
    ...patchRoutes(services, view),
    ...deleteRoutes(services),
    ...statesRoutes(services, view),
    ...powerRoutes(services),
    ...provisionRoutes(services),
    ...validateRoutes(services),
    ...maintenanceRoutes(services),
    ...managementRoutes(services),
    ...consoleRoutes(services),
    ...bootModeRoutes(services),
    ...raidRoutes(services),
    ...indicatorRoutes(services),
    ...virtualMediaRoutes(services),
    ...biosRoutes(services),
    ...firmwareRoutes(services),
    ...inventoryRoutes(services),
    ...traitRoutes(services),
    ...vifRoutes(services),
    ...vendorPassthruRoutes(services),
    ...childrenRoutes(services),
    ...historyRoutes(services),
    ...reservedWordRoutes(services),
  ];
}
