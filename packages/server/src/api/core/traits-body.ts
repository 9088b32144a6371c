// Reads traits from requests about the traits of something.
import { registeredError, trait, traitList } from '@wrought/contract';
import { checkMembers, objectBody, readValue } from './read-body.ts';
import type { ApiRequest } from './route.ts';

/** The traits of a body `{"traits": [...]}`, each once. @throws RegisteredError 400 */
export function readTraits(body: unknown): readonly string[] {
  const sent = objectBody(body);
  checkMembers(sent, ['traits'], 'request body');
  if (sent.traits === undefined) {
    throw registeredError('Invalid', { reason: 'The member traits is missing in the request body.' });
  }
  return [...new Set(readValue('traits', traitList, sent.traits) as string[])];
}

/** The trait of the path of a request without a body. @throws RegisteredError 400 */
export function readTraitOfPath({ params, body }: ApiRequest): string {
  const name = readValue('trait', trait, params.trait) as string;
  checkMembers(objectBody(body), [], 'body of a request for one trait');
  return name;
}
