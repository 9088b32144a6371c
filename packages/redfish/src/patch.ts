// PATCH with If-Match (DSP0266, "ETags"), for services that are strict about them, and for those that get them wrong.
import { isDeepStrictEqual } from 'node:util';
import type { Answer, CallOptions, Client } from './client.ts';
import { PreconditionError, ResponseError } from './errors.ts';
import { Resource } from './resource.ts';

/** In which form a service accepts the ETags that it gives. */
const forms = {
  given: (etag: string): string | undefined => etag,
  // Services that compare a weak ETag as if it were strong never find it equal (RFC 9110 section 13.1.1).
  strong: (etag: string): string | undefined => etag.replace(/^W\//, ''),
  none: (): string | undefined => undefined,
};
type Form = keyof typeof forms;

const isPrecondition = (error: unknown): boolean =>
  error instanceof PreconditionError || (error instanceof ResponseError && error.status === 428);

/**
 * Whether nobody changed what is about to be changed. Then nothing is overwritten without ETag either: those of some
 * services follow values that tick.
 */
const isUntouched = (before: Resource, after: Resource, body: object): boolean =>
  Object.keys(body).every((name) => isDeepStrictEqual(before.json[name], after.json[name]));

/** Makes the function that patches; it remembers which form of ETag the service accepts. */
export function createPatcher(client: Client) {
  let learnt: Form | undefined;

  return async (target: Resource | string, body: object, options: CallOptions = {}): Promise<Answer> => {
    const send = (resource: Resource, form: Form) => {
      const etag = resource.etag === undefined ? undefined : forms[form](resource.etag);
      const headers = etag === undefined ? {} : { 'if-match': etag };
      return client.send('PATCH', resource.path, { ...options, headers, body });
    };

    const known: Form = learnt ?? client.behaviour.etags;
    const read = target instanceof Resource ? target : await client.get(target, options);
    let refusal: unknown;
    try {
      return await send(read, known);
    } catch (error) {
      if (!isPrecondition(error)) throw error;
      refusal = error;
    }
    const again = await client.get(read.path, options);
    // The same ETag again: nobody changed the resource, the service does not know its own ETags.
    const isSame = again.etag === read.etag;
    const rest = (Object.keys(forms) as Form[]).slice(isSame ? Object.keys(forms).indexOf(known) + 1 : 0);
    for (const form of again.etag === undefined ? [] : rest) {
      if (form === 'strong' && again.etag?.startsWith('W/') !== true) continue;
      if (form === 'none' && !isUntouched(read, again, body)) break;
      try {
        const answer = await send(again, form);
        if (form !== known && (isSame || form === 'none')) {
          if (isSame) learnt = form;
          again.report('ETag', 'that If-Match with it is accepted', `refused: ${again.etag}; used as ${form}`);
        }
        return answer;
      } catch (error) {
        if (!isPrecondition(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  };
}
