// Routes of vendor methods, the same below a node and below a hardware type: what the client sent is handed on unread.
import { registeredError } from '@wrought/contract';
import type { VendorAnswer, VendorMethodSummary, VendorRequest } from '../../flows/doors.ts';
import { objectBody } from './read-body.ts';
import { type Answer, type ApiRequest, accepted, type Method, okJson, type Route, type RoutePolicy } from './route.ts';

/** Where the methods lie, and the door to them. */
interface Passthru {
  /** "/v1/nodes/:node": the path before "/vendor_passthru". */
  readonly owner: string;
  readonly policy: RoutePolicy;
  methods(request: ApiRequest): Promise<readonly VendorMethodSummary[]>;
  call(request: ApiRequest, vendorRequest: VendorRequest): Promise<VendorAnswer>;
}

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Methods by name, as clients read them. */
export function methodList(summaries: readonly VendorMethodSummary[]): Answer {
  const shown = summaries.map(({ name, httpMethods, isAsync, description, attach, requireExclusiveLock }) => [
    name,
    {
      http_methods: httpMethods,
      async: isAsync,
      description,
      attach,
      ...(requireExclusiveLock === undefined ? {} : { require_exclusive_lock: requireExclusiveLock }),
    },
  ]);
  return okJson(Object.fromEntries(shown));
}

function answerOf(answer: VendorAnswer): Answer {
  switch (answer.kind) {
    case 'accepted':
      return accepted();
    case 'json':
      return okJson(answer.value);
    case 'raw':
      return { status: 200, body: answer.content, contentType: 'application/octet-stream' };
  }
}

/** Routes that list the methods and call them, the name in the path or in the argument "method". */
export function passthruRoutes(passthru: Passthru): readonly Route[] {
  const { policy } = passthru;
  const path = `${passthru.owner}/vendor_passthru`;
  const call = async (request: ApiRequest, httpMethod: Method, method: string) => {
    const { requester } = request;
    return answerOf(await passthru.call(request, { method, httpMethod, body: objectBody(request.body), requester }));
  };
  return methods.flatMap((method): Route[] => [
    {
      method,
      path: `${path}/:method`,
      policy,
      readsGetBody: method === 'GET',
      handle: async (request) => {
        const { method: name = '' } = request.params;
        return method === 'GET' && name === 'methods'
          ? methodList(await passthru.methods(request))
          : call(request, method, name);
      },
    },
    {
      method,
      path,
      policy,
      query: ['method'],
      readsGetBody: method === 'GET',
      handle: async (request) => {
        const { method: name = '' } = request.query;
        if (name === '') {
          throw registeredError('MissingParameterValue', {
            reason: `Name the vendor method: in the path, as in ${path}/{method}, or in the argument "method". ${path}/methods lists them.`,
          });
        }
        return call(request, method, name);
      },
    },
  ]);
}
