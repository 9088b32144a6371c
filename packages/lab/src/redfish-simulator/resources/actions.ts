// Actions of resources, and where their parameters may be told: with the action, or in an ActionInfo resource (DSP0266, 7.11).
import { type Check, checkParameters, isOneOf } from '../http/checks.ts';
import type { Model } from '../models/model.ts';
import type { Answer, Body, Call, Route } from '../types.ts';
import { action, resource } from './shape.ts';

interface ResetAction {
  /** Path of the resource, and name of the action. */
  readonly path: string;
  readonly name: string;
  readonly parameter: string;
  readonly types: readonly string[];
  readonly typesIn: 'action info' | 'action' | 'both';
  readonly isRequired: boolean;
  readonly infoId: string;
  run(call: Call, type: string | undefined): Answer | undefined | Promise<Answer | undefined>;
}

/** An action with one parameter whose values are listed. */
export function choiceAction(
  model: Model,
  given: ResetAction,
): { readonly body: Body; readonly routes: readonly Route[] } {
  const { path, name, parameter, types, typesIn, isRequired, infoId } = given;
  const infoPath = `${path}/${infoId}`;
  const shown = action(path, name, typesIn === 'action info' ? {} : { [parameter]: types });
  const own = shown[`#${name}`] as Body;
  const checks: Readonly<Record<string, Check>> = { [parameter]: isOneOf(types) };
  return {
    body: typesIn === 'action' ? shown : { [`#${name}`]: { ...own, '@Redfish.ActionInfo': infoPath } },
    routes: [
      {
        path: `${path}/Actions/${name}`,
        post: (call) => {
          checkParameters(name, call.body, checks, isRequired ? [parameter] : []);
          return given.run(call, call.body[parameter] as string | undefined);
        },
      },
      ...(typesIn === 'action'
        ? []
        : [
            {
              path: infoPath,
              get: () => ({
                ...resource(model, 'ActionInfo', infoId, `${name} Action Info`),
                Parameters: [{ Name: parameter, Required: isRequired, DataType: 'String', AllowableValues: types }],
              }),
            },
          ]),
    ],
  };
}
