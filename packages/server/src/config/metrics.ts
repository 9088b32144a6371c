// Options of the metrics for Prometheus.
import { address, boolean } from './option.ts';

export const metrics = {
  listen: address({
    default: null,
    description:
      'Address of a listener that serves metrics for Prometheus at /metrics, and nothing else. Unset: none are kept. Nobody is asked who they are, so addresses other than loopback are refused unless `insecure` is true.',
  }),
  insecure: boolean({
    default: false,
    description: 'Allow `listen` on an address that other machines can reach; let a firewall say which.',
  }),
} as const;
