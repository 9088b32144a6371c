// Answers to DELETE and PATCH of a whole collection: the object is missing in the path.
import { registeredError } from '@wrought/contract';
import type { Method, Route } from './route.ts';

/** The routes for the collection at `path`, whose members are called `name`. */
export function missingIdentRoutes(path: string, name: string, since = 1): readonly Route[] {
  return (['DELETE', 'PATCH'] as const).map(
    (method: Method): Route => ({
      method,
      path,
      since,
      tooOld: 'framework 405',
      query: null,
      handle: () => {
        throw registeredError('MissingParameterValue', {
          reason: `Name the ${name} in the path: ${path}/{${name.replaceAll(' ', '_')}}.`,
        });
      },
    }),
  );
}
