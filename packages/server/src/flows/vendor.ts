// The door to methods of vendor interfaces: finds the method, takes the lock it needs, and hands it what the client sent.
import { isRegisteredError, registeredError } from '@wrought/contract';
import type { DriverCatalog } from '../drivers/catalog.ts';
import type { NodeInterfaces, Task, VendorDriverMethod, VendorNodeMethod } from '../drivers/kit/index.ts';
import { appendHistory, appendTimeline } from '../store/evidence.ts';
import { findNodeById, updateNode } from '../store/nodes.ts';
import type { Background } from './background.ts';
import type { VendorAnswer, VendorDoor, VendorMethodSummary, VendorRequest } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { freeTask, reservedTask } from './engine/node-task.ts';

type AnyMethod = VendorNodeMethod | VendorDriverMethod;

function nodeMethodsOf(vendor: NodeInterfaces['vendor']): readonly VendorNodeMethod[] {
  return vendor.supported ? vendor.nodeMethods : [];
}

function driverMethodsOf(vendor: NodeInterfaces['vendor']): readonly VendorDriverMethod[] {
  return vendor.supported ? vendor.driverMethods : [];
}

function summaryOf({ name, httpMethods, description, isAsync, attach, ...rest }: AnyMethod): VendorMethodSummary {
  const lock = 'requireExclusiveLock' in rest ? { requireExclusiveLock: rest.requireExclusiveLock } : {};
  return { name, httpMethods, description, isAsync, attach, ...lock };
}

/** The method that a request names. @throws RegisteredError 400 */
function methodOf<Method extends AnyMethod>(methods: readonly Method[], request: VendorRequest, owner: string): Method {
  const method = methods.find(({ name }) => name === request.method);
  if (method === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `There is no vendor method "${request.method}" of ${owner}. Methods: ${methods.map(({ name }) => name).join(', ') || 'none'}.`,
    });
  }
  if (!method.httpMethods.includes(request.httpMethod)) {
    throw registeredError('InvalidParameterValue', {
      reason: `The vendor method "${method.name}" of ${owner} does not take ${request.httpMethod}; it takes: ${method.httpMethods.join(', ')}.`,
    });
  }
  return method;
}

/** What went wrong in a method, as an error of the registry. */
function failureOf(method: AnyMethod, owner: string, error: unknown) {
  if (isRegisteredError(error)) {
    return error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return registeredError('VendorPassthruException', { method: method.name, owner, reason });
}

function answerOf(method: AnyMethod, owner: string, value: unknown): VendorAnswer {
  if (!method.attach) {
    return { kind: 'json', value: value ?? null };
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    const reason = 'it is declared to answer text or bytes, and answered something else.';
    throw registeredError('VendorPassthruException', { method: method.name, owner, reason });
  }
  return { kind: 'raw', content: value };
}

/** The lists of methods, which need no machine. */
export function vendorMethods(catalog: DriverCatalog): Pick<VendorDoor, 'methodsOfNode' | 'methodsOfDriver'> {
  return {
    methodsOfNode: (node) => nodeMethodsOf(catalog.interfacesOf(node).vendor).map(summaryOf),
    methodsOfDriver: (driver) => driverMethodsOf(catalog.vendorOf(driver)).map(summaryOf),
  };
}

/** Makes the door. */
export function createVendorDoor(context: EngineContext, catalog: DriverCatalog, background: Background): VendorDoor {
  /** Keeps the failure of a method that nobody waits for. The last error is left alone where other work has the node. */
  async function keepFailure(task: Task, method: VendorNodeMethod, { requester }: VendorRequest, error: unknown) {
    const { uuid, id } = task.node;
    const reason = failureOf(method, `node ${uuid}`, error).message;
    const details = { node: uuid, request_id: requester.requestId, method: method.name };
    context.log.error(
      isRegisteredError(error) ? { ...details, reason } : { ...details, err: error },
      'A vendor method failed.',
    );
    await context.timeline.flushNode(id);
    await context.store.transaction(async (trx) => {
      const node = await findNodeById(trx, id);
      if (node === undefined) {
        return;
      }
      const data = { method: method.name };
      await appendTimeline(trx, id, [{ kind: 'failure', severity: 'error', message: reason, data }]);
      await appendHistory(trx, node, {
        severity: 'ERROR',
        event_type: 'vendor passthru',
        event: reason,
        conductor: context.lease.hostname,
        user: requester.user,
      });
      if (method.requireExclusiveLock || node.reservation === null) {
        await updateNode(trx, node, { last_error: reason });
      }
    });
  }

  /** The last checks before a method runs; from here on the timeline tells of the call, never of what it carries. */
  async function begin(task: Task, method: VendorNodeMethod, request: VendorRequest): Promise<void> {
    await method.validate?.(task, request);
    const data = { method: method.name, http_method: request.httpMethod, request_id: request.requester.requestId };
    task.record({ kind: 'vendor', message: `The vendor method "${method.name}" was called.`, data });
  }

  return {
    ...vendorMethods(catalog),
    async callOfNode(node, request) {
      const owner = `node ${node.uuid}`;
      const method = methodOf(nodeMethodsOf(context.interfacesOf(node).vendor), request, owner);
      const withTask = <Result>(work: (task: Task) => Promise<Result>, options?: { abortSignal: AbortSignal }) =>
        method.requireExclusiveLock
          ? reservedTask(context, node, `vendor method ${method.name}`, ({ task }) => work(task), options)
          : freeTask(context, node, ({ task }) => work(task), options);
      if (method.isAsync) {
        await background.accepted((accept, abortSignal) =>
          withTask(
            async (task) => {
              await begin(task, method, request);
              accept();
              try {
                await method.run(task, request);
              } catch (error) {
                await keepFailure(task, method, request, error);
              }
            },
            { abortSignal },
          ),
        );
        return { kind: 'accepted' };
      }
      return withTask(async (task) => {
        await begin(task, method, request);
        try {
          return answerOf(method, owner, await method.run(task, request));
        } catch (error) {
          throw failureOf(method, owner, error);
        }
      });
    },
    async callOfDriver(driver, request) {
      const owner = `hardware type ${driver}`;
      const method = methodOf(driverMethodsOf(catalog.vendorOf(driver)), request, owner);
      const work = { config: context.config(), log: context.log };
      if (method.isAsync) {
        await background.accepted(async (accept, abortSignal) => {
          await method.validate?.({ ...work, abortSignal }, request);
          accept();
          try {
            await method.run({ ...work, abortSignal }, request);
          } catch (error) {
            const details = { driver, method: method.name, request_id: request.requester.requestId, err: error };
            context.log.error(details, 'A vendor method failed.');
          }
        });
        return { kind: 'accepted' };
      }
      const { signal: abortSignal } = new AbortController();
      await method.validate?.({ ...work, abortSignal }, request);
      try {
        return answerOf(method, owner, await method.run({ ...work, abortSignal }, request));
      } catch (error) {
        throw failureOf(method, owner, error);
      }
    },
  };
}
