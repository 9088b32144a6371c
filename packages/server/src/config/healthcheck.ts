// Options of the health check.
import { boolean, path } from './option.ts';

export const healthcheck = {
  enabled: boolean({
    default: true,
    reloadable: true,
    description: 'Answer GET /healthcheck, for load balancers and supervisors, without asking who calls.',
  }),
  disable_by_file_path: path({
    default: null,
    reloadable: true,
    description: 'While this file exists the health check says 503, so that a load balancer sends no new requests.',
  }),
} as const;
