// Collects garbage before memory is read, however Node was started: what is measured is what is held.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** A whole collection, now. */
export const collectGarbage = runInNewContext('gc') as () => void;
