// Shows nodes: finds their rows and writes them as JSON for a version and a choice of fields.
import { nodeResource, registeredError } from '@wrought/contract';
import { findNodeRow, type NodeRow } from '../../store/node-list.ts';
import { isUuid } from '../../store/nodes.ts';
import type { Store } from '../../store/store.ts';
import { allVisible } from '../core/fields.ts';
import { findWithSuffix } from '../core/path.ts';
import type { ApiRequest } from '../core/route.ts';
import { type Row, type RowWriter, serializer, writeContext } from '../core/serialize.ts';
import type { RuleName } from '../policy/access.ts';
import type { Services } from '../services.ts';
import { nodeRedaction } from './redaction.ts';

/** Version from which nodes can be addressed by name. */
export const NODE_NAME_SINCE = 5;

export interface NodeView {
  /** The writer for a set of fields. */
  readonly writer: (minor: number, fields: readonly string[]) => RowWriter;
  /** The whole node as a single answer shows it. */
  readonly json: (row: Row, request: ApiRequest) => string;
}

/** Makes the writers of nodes; the conductor is asked of the door for each node shown. */
export function nodeView({ doors }: Pick<Services, 'doors'>): NodeView {
  const writer = serializer(nodeResource, {
    identity: 'uuid',
    computed: {
      conductor: (row) => {
        const { uuid, driver, conductor_group } = row as { uuid: string; driver: string; conductor_group: string };
        return JSON.stringify(doors.call.conductorOf({ uuid, driver, conductor_group }));
      },
    },
  });
  return {
    writer,
    json: (row, request) =>
      writer(request.minor, allVisible(nodeResource, request.minor))(
        nodeRedaction(request.access)(row),
        writeContext(request, nodeResource.collection),
      ),
  };
}

/**
 * The row of the node that the path names, once the policy allows it: `rule` instead of the rule of the route.
 * @throws RegisteredError NodeNotFound, also for who may not see it; 403
 */
export async function nodeRowOf(
  store: Store,
  request: ApiRequest,
  ident = request.params.node ?? '',
  rule?: RuleName,
): Promise<NodeRow> {
  const find = async (text: string) =>
    request.minor < NODE_NAME_SINCE && !isUuid(text) ? undefined : findNodeRow(store.read, text);
  const row = await findWithSuffix(ident, request.jsonSuffix, find);
  const notFound = () => registeredError('NodeNotFound', { node: ident });
  if (row === undefined) {
    throw notFound();
  }
  request.access.requireOnNode(row, notFound, rule);
  return row;
}
