// Entity tags of resources (DSP0266, 6.5), as strong or weak as the model has them, and what If-Match makes of them.
import { createHash } from 'node:crypto';
import type { RedfishBmc } from '../bmc.ts';
import type { Body } from '../types.ts';
import { problem } from './problem.ts';

const tagLength = 16;
/** What changes by itself and does not count, and the tag itself in captured resources. */
const ticking = new Set(['DateTime', 'CreatedTime', '@odata.etag']);

/** The tag of a resource; undefined: this BMC has none. */
export function etagOf(bmc: RedfishBmc, body: Body): string | undefined {
  const { style } = bmc.model.etags;
  if (style === 'none') return undefined;
  const text = JSON.stringify(body, (name, value: unknown) => (ticking.has(name) ? undefined : value));
  const tag = `"${createHash('sha1').update(text).digest('hex').slice(0, tagLength).toUpperCase()}"`;
  return style === 'weak' || bmc.fault?.name === 'weak' ? `W/${tag}` : tag;
}

/** @throws Problem 412 or 428 when the header does not allow the change */
export function checkIfMatch(bmc: RedfishBmc, header: string | undefined, body: Body): void {
  const etag = etagOf(bmc, body);
  if (etag === undefined) return;
  if (header === undefined) {
    const schema = String(body['@odata.type']).split('.').at(-1) ?? '';
    if (bmc.model.etags.required.includes(schema)) throw problem(428, 'PreconditionRequired');
    return;
  }
  if (header.trim() === '*') return;
  // BMCs were seen that tell weak tags and refuse them, as RFC 9110, 13.1.1 has it: they take the strong form.
  const taken = bmc.fault?.name === 'weak' ? etag.replace(/^W\//, '') : etag;
  if (!header.split(',').some((each) => each.trim() === taken)) throw problem(412, 'PreconditionFailed');
}
