// Answers to requests whose path does not fit their method: a collection where an object is meant, or the other way round.
import { registeredError } from '@wrought/contract';
import type { Method, Route } from './route.ts';

interface Collection {
  /** Path of the collection, such as "/v1/nodes". */
  readonly path: string;
  /** Path of one member, such as "/v1/nodes/:node". */
  readonly item: string;
  /** What a member is called in texts. */
  readonly name: string;
  readonly since?: number;
  /** The collection has a detailed list at ".../detail". */
  readonly hasDetail?: boolean;
}

/** Routes for DELETE and PATCH of the collection, POST to a member, and everything but GET of the detailed list. */
export function misplacedRoutes({ path, item, name, since = 1, hasDetail = false }: Collection): readonly Route[] {
  const common = { since, tooOld: 'framework 405', policy: 'anyone', query: null } as const;
  const identMissing = (method: Method): Route => ({
    ...common,
    method,
    path,
    handle: () => {
      throw registeredError('MissingParameterValue', { reason: `Name the ${name} in the path, as in ${item}.` });
    },
  });
  const identUnexpected = (at: string): Route => ({
    ...common,
    method: 'POST',
    path: at,
    handle: () => {
      throw registeredError('Invalid', { reason: `A new ${name} is posted to ${path}, without an ident in the path.` });
    },
  });
  // With a slash at its end, and for every method but GET, the word "detail" is an ident, which nothing has.
  const detailIsNothing = (method: Method, at = `${path}/detail`): Route => ({
    ...common,
    method,
    path: at,
    handle: () => {
      throw registeredError('NotFound', { reason: `There is no ${name} "detail".` });
    },
  });
  return [
    identMissing('DELETE'),
    identMissing('PATCH'),
    identUnexpected(item),
    ...(hasDetail
      ? [
          identUnexpected(`${path}/detail`),
          detailIsNothing('DELETE'),
          detailIsNothing('PATCH'),
          detailIsNothing('GET', `${path}/detail/`),
        ]
      : []),
  ];
}
