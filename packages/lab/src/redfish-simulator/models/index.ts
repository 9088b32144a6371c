// The models by their names.
import { generic } from './generic.ts';
import { idrac } from './idrac.ts';
import { ilo } from './ilo.ts';
import { type Model, type ModelName, modelNames } from './model.ts';
import { openbmc } from './openbmc.ts';
import { supermicro } from './supermicro.ts';
import { xcc } from './xcc.ts';

const models: Readonly<Record<ModelName, Model>> = { generic, idrac, ilo, xcc, supermicro, openbmc };

/** The model with this name. Throws a RangeError that tells the names that there are. */
export function modelOf(name: string): Model {
  const known = modelNames.find((each) => each === name);
  if (known === undefined) throw new RangeError(`"${name}" is no model; there are ${modelNames.join(', ')}`);
  return models[known];
}
