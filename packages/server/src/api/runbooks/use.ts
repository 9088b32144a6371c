// Lets a provision request run the steps of a runbook in place of steps of its own.
import {
  type Node,
  type ProvisionVerb,
  RUNBOOK_SINCE,
  RUNBOOK_TRAITS_SINCE,
  type Runbook,
  registeredError,
} from '@wrought/contract';
import { runbookFromRow, stepsInOrder } from '../../store/runbooks.ts';
import { tooNew } from '../core/fields.ts';
import { shownValue } from '../core/read-body.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';
import { runbookRowOf } from './view.ts';

type Sent = Readonly<Record<string, unknown>>;

/** Verbs that run runbooks, and the member of the request in which their steps are. */
const stepMembers: Readonly<Partial<Record<ProvisionVerb, string>>> = {
  clean: 'clean_steps',
  service: 'service_steps',
};

/** A request whose runbook was put in as steps. */
interface WithRunbook {
  readonly sent: Sent;
  /** The runbook; undefined when the request names none. */
  readonly runbook: Runbook | undefined;
}

/** Puts the steps of the runbook that a request names in their place. @throws RegisteredError 400, 403, 404, 406 */
export async function withRunbook(
  request: ApiRequest,
  services: Pick<Services, 'store'>,
  { sent, verb, node }: { readonly sent: Sent; readonly verb: ProvisionVerb; readonly node: Node },
): Promise<WithRunbook> {
  const { runbook: ident, ...others } = sent;
  if (ident === undefined || ident === null || ident === '') {
    return { sent: others, runbook: undefined };
  }
  if (request.minor < RUNBOOK_SINCE) {
    throw tooNew('The member "runbook"', RUNBOOK_SINCE, request.minor);
  }
  const member = stepMembers[verb];
  if (typeof ident !== 'string' || member === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason:
        member === undefined
          ? `The member runbook can not be given with the target "${verb}"; allowed: clean, service.`
          : `The member runbook has the invalid value ${shownValue(ident)}; allowed: the UUID or name of a runbook.`,
    });
  }
  const steps = others[member];
  if (steps !== undefined && steps !== null && !(Array.isArray(steps) && steps.length === 0)) {
    throw registeredError('InvalidParameterValue', { reason: `Give either ${member} or a runbook, not both.` });
  }
  const runbook = runbookFromRow(await runbookRowOf(request, services, 'baremetal:runbook:use', ident));
  checkTraits(runbook, node, request.minor);
  const { disable_ramdisk: _, ...rest } = others;
  const ramdisk = runbook.disable_ramdisk ? { disable_ramdisk: true } : {};
  return { sent: { ...rest, ...ramdisk, [member]: stepsInOrder(runbook) }, runbook };
}

/** A runbook is run only where a trait of the node says so; for older clients the name of the runbook is that trait. */
function checkTraits(runbook: Runbook, node: Node, minor: number): void {
  const traits = minor < RUNBOOK_TRAITS_SINCE ? [runbook.name] : runbook.traits;
  if (!traits.some((name) => node.traits.includes(name))) {
    throw registeredError('InvalidParameterValue', {
      reason:
        traits.length === 0
          ? `Runbook ${runbook.uuid} has no traits, so it fits no node; an administrator can give it some.`
          : `Runbook ${runbook.uuid} is not meant for node ${node.uuid}, which has none of its traits: ${traits.join(', ')}.`,
    });
  }
}
