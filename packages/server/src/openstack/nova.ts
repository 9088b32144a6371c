// Nova, the compute service: the word that the power of a machine changed (external events, microversion 2.76).
import { OpenStackError, type Service } from './service.ts';

const VERSION_WITH_POWER_UPDATE = '2.76';

export interface PowerUpdate {
  /** The server in Nova: instance_uuid of the node. */
  readonly server: string;
  readonly power: 'power on' | 'power off';
}

export interface Nova {
  /**
   * Tells of powers as they are now. Resolves with what Nova took, one status for each update in their order (200, or why not: 404 for
   * a server that it does not know, 422 for one without a host).
   * @throws OpenStackError when it took none of them
   */
  tellPower(updates: readonly PowerUpdate[], abortSignal?: AbortSignal): Promise<readonly number[]>;
}

const tags = { 'power on': 'POWER_ON', 'power off': 'POWER_OFF' } as const;

/** Makes the client over a service. */
export function createNova(service: Service): Nova {
  return {
    async tellPower(updates, abortSignal) {
      const events = updates.map(({ server, power }) => ({
        name: 'power-update',
        server_uuid: server,
        tag: tags[power],
      }));
      const { body } = await service
        .request({
          method: 'POST',
          path: '/os-server-external-events',
          body: { events },
          headers: {
            'OpenStack-API-Version': `compute ${VERSION_WITH_POWER_UPDATE}`,
            'X-OpenStack-Nova-API-Version': VERSION_WITH_POWER_UPDATE,
          },
          ...(abortSignal === undefined ? {} : { abortSignal }),
        })
        .catch((error: unknown) => {
          // Before 2.86 a request all of whose servers are unknown is answered as a whole.
          if (error instanceof OpenStackError && error.status === 404) {
            return { body: { events: events.map((event) => ({ ...event, code: 404 })) } };
          }
          throw error;
        });
      const answered = (body as { events?: readonly { server_uuid?: string; code?: number }[] } | undefined)?.events;
      return events.map(({ server_uuid }) => answered?.find((each) => each.server_uuid === server_uuid)?.code ?? 200);
    },
  };
}
