// Sessions of users, with the limit and the time-out of the model (DSP0266, 13.3.4; schemas SessionService, Session).
import { randomBytes } from 'node:crypto';
import type { RedfishBmc } from '../bmc.ts';
import { checkProperties, isText, isTextOrNull, isWhole } from '../http/checks.ts';
import { Problem, problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { accountsOf } from './accounts.ts';
import { collection, healthy, link, resource, root, timeOf } from './shape.ts';

interface Session {
  readonly id: string;
  readonly token: string;
  readonly userName: string;
  readonly from: string | undefined;
  readonly since: number;
  lastUsed: number;
}

const tokenBytes = 16;
const idBytes = 5;

function full({ sessions: { whenFull } }: Model): Problem {
  return new Problem(503, [{ key: 'SessionLimitExceeded', ...(whenFull === undefined ? {} : { own: whenFull }) }]);
}

class Sessions {
  readonly #byToken = new Map<string, Session>();
  readonly #limit: number;
  /** How long an idle session lasts. */
  milliseconds: number;

  constructor(limit: number, milliseconds: number) {
    this.#limit = limit;
    this.milliseconds = milliseconds;
  }

  /** Those that have not expired. */
  get all(): readonly Session[] {
    const oldest = Date.now() - this.milliseconds;
    for (const session of this.#byToken.values()) {
      if (session.lastUsed < oldest) this.#byToken.delete(session.token);
    }
    return [...this.#byToken.values()];
  }

  /** Undefined when all are taken. */
  begin(userName: string, from: string | undefined): Session | undefined {
    if (this.all.length >= this.#limit) return undefined;
    const now = Date.now();
    const token = randomBytes(tokenBytes).toString('hex');
    const id = randomBytes(idBytes).toString('hex');
    const session = { id, token, userName, from, since: now, lastUsed: now };
    this.#byToken.set(token, session);
    return session;
  }

  /** The session of a token, whose time begins anew; undefined when it is over. */
  use(token: string): Session | undefined {
    const session = this.#byToken.get(token);
    if (session === undefined) return undefined;
    const now = Date.now();
    if (now - session.lastUsed > this.milliseconds) {
      this.#byToken.delete(token);
      return undefined;
    }
    session.lastUsed = now;
    return session;
  }

  get(id: string | undefined): Session | undefined {
    return this.all.find((session) => session.id === id);
  }

  end(id: string): void {
    const session = this.get(id);
    if (session !== undefined) this.#byToken.delete(session.token);
  }

  endAll(): void {
    this.#byToken.clear();
  }
}

export const sessionsOf = perBmc((bmc) => {
  const sessions = new Sessions(bmc.settings.sessionLimit, bmc.settings.sessionMilliseconds);
  bmc.onChange((change) => {
    if (change.what === 'reset') sessions.endAll();
  });
  return sessions;
});

const service = `${root}/SessionService`;
const pathOf = ({ id }: Session) => `${service}/Sessions/${id}`;

const bodyOf = (model: Model, session: Session): Body => ({
  ...resource(model, 'Session', session.id, 'User Session'),
  UserName: session.userName,
  Password: null,
  CreatedTime: timeOf(session.since),
  ...(session.from === undefined ? {} : { ClientOriginIPAddress: session.from }),
});

function begin(bmc: RedfishBmc, userName: string, from: string | undefined): Session {
  const session = bmc.suffers('full') ? undefined : sessionsOf(bmc).begin(userName, from);
  if (session === undefined) throw full(bmc.model);
  bmc.counts.logins += 1;
  return session;
}

function create({ bmc, body, from }: Call) {
  const writable = { UserName: isText, Password: isText, Token: isTextOrNull };
  checkProperties(body, writable, {}, ['UserName', 'Password']);
  const account = accountsOf(bmc).check(String(body.UserName), String(body.Password));
  if (account === undefined) throw problem(401, 'ResourceAtUriUnauthorized', `${service}/Sessions`, 'log-in');
  const session = begin(bmc, account.name, from);
  const path = pathOf(session);
  return {
    status: 201,
    body: { '@odata.id': path, ...bodyOf(bmc.model, session) },
    headers: { Location: path, 'X-Auth-Token': session.token },
  };
}

const get = ({ bmc, parameters }: At): Body | undefined => {
  const session = sessionsOf(bmc).get(parameters.session);
  return session === undefined ? undefined : bodyOf(bmc.model, session);
};

function end({ bmc, parameters }: Call): undefined {
  sessionsOf(bmc).end(parameters.session ?? '');
  return undefined;
}

const serviceBody = ({ bmc }: At): Body => ({
  ...resource(bmc.model, 'SessionService', 'SessionService', 'Session Service'),
  ServiceEnabled: true,
  Status: healthy,
  SessionTimeout: Math.ceil(sessionsOf(bmc).milliseconds / 1000),
  Sessions: link(`${service}/Sessions`),
});

export function sessionRoutes(_model: Model): readonly Route[] {
  const members: Route = {
    path: `${service}/Sessions`,
    get: ({ bmc }) => collection('Session', 'Sessions', sessionsOf(bmc).all.map(pathOf)),
    post: create,
  };
  return [
    {
      path: service,
      get: serviceBody,
      patch: (call) => {
        checkProperties(call.body, { SessionTimeout: isWhole(30, 86_400) }, serviceBody(call));
        const { SessionTimeout: seconds } = call.body;
        if (seconds !== undefined) sessionsOf(call.bmc).milliseconds = Number(seconds) * 1000;
        return undefined;
      },
    },
    members,
    // DSP0266, 7.7: a POST to Members is one to the collection.
    { path: `${service}/Sessions/Members`, post: create },
    { path: `${service}/Sessions/{session}`, get, delete: end },
  ];
}
