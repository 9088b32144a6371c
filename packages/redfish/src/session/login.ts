// Makes and ends sessions, also when the service has no room for another (DSP0266, "Redfish session login authentication").
import { MalformedError, responseError, SessionLimitError } from '../errors.ts';
import { isJson, type Json } from '../fields.ts';
import { pathOf } from '../http/address.ts';
import { excerptOf } from '../http/body.ts';
import type { Connection, HttpAnswer } from '../http/connection.ts';
import { type Message, messageKey, readMessages } from '../messages.ts';
import { basicHeaders, forget, isAbandoned, isInUse, type OwnSession } from './own-sessions.ts';

export interface Credentials {
  readonly userName: string;
  readonly password: string;
}

/** The errors of login and logout may not hold up others for long. */
const logoutMilliseconds = 5_000;
/** More sessions than any BMC has. */
const maximumSessionsRead = 64;

const text = (json: Json, name: string): string | undefined =>
  typeof json[name] === 'string' ? (json[name] as string) : undefined;

const isOk = (answer: HttpAnswer): boolean => answer.status >= 200 && answer.status < 300;

/** Message ids and texts with which services refuse another session. */
const limitKeys = /^(SessionLimitExceeded|MaxSessions?(Reached|Exceeded)?|RAC0218|SYS414)$/i;
const limitText = /sessions?\b.*(limit|maximum|exceed)|(limit|maximum|exceed).*\bsessions?\b/i;

const isSessionLimit = (messages: readonly Message[]): boolean =>
  messages.some((each) => limitKeys.test(messageKey(each)) || limitText.test(each.text ?? ''));

const json = (answer: HttpAnswer): Json => (isJson(answer.json) ? answer.json : {});

/** Reads all sessions, and gives those that are ours without doubt, oldest first. */
async function findOwn(connection: Connection, sessionsPath: string, credentials: Credentials): Promise<string[]> {
  const { origin } = connection;
  const headers = basicHeaders(credentials.userName, credentials.password);
  const read = (path: string) => connection.request({ method: 'GET', path, headers });
  const members = json(await read(sessionsPath)).Members;
  const paths = (Array.isArray(members) ? members : [])
    .map((each) => (isJson(each) ? pathOf(text(each, '@odata.id') ?? '', origin) : undefined))
    .filter((path) => path !== undefined);
  const found: { path: string; createdTime: string }[] = [];
  for (const path of paths.slice(0, maximumSessionsRead)) {
    if (isInUse(origin, path)) continue;
    const session = json(await read(path));
    if (text(session, 'UserName') !== credentials.userName) continue;
    const createdTime = text(session, 'CreatedTime');
    // A session of our user from our address that this process does not use: left over from one that died.
    const isFromHere =
      connection.localAddress() !== undefined &&
      text(session, 'ClientOriginIPAddress')?.replace(/^::ffff:/i, '') ===
        connection.localAddress()?.replace(/^::ffff:/i, '');
    if (isFromHere || isAbandoned(origin, path, createdTime)) found.push({ path, createdTime: createdTime ?? '' });
  }
  return found.sort((a, b) => Date.parse(a.createdTime) - Date.parse(b.createdTime) || 0).map(({ path }) => path);
}

/** Deletes the oldest session that is ours without doubt; false when there is none. */
async function makeRoom(connection: Connection, sessionsPath: string, credentials: Credentials): Promise<boolean> {
  const headers = basicHeaders(credentials.userName, credentials.password);
  for (const path of await findOwn(connection, sessionsPath, credentials)) {
    const answer = await connection.request({ method: 'DELETE', path, headers });
    if (isOk(answer) || answer.status === 404) {
      forget(connection.origin, path);
      return true;
    }
  }
  return false;
}

/**
 * Makes a session.
 *
 * @throws AuthenticationError; SessionLimitError when there are too many and none is ours; MalformedError when the service
 * gives no token; ResponseError.
 */
export async function login(
  connection: Connection,
  sessionsPath: string,
  credentials: Credentials,
): Promise<OwnSession> {
  const { userName: UserName, password: Password } = credentials;
  const ask = () => connection.request({ method: 'POST', path: sessionsPath, body: { UserName, Password } });
  let answer = await ask();
  const isFull = () => !isOk(answer) && isSessionLimit(readMessages(answer.json));
  if (isFull() && (await makeRoom(connection, sessionsPath, credentials))) answer = await ask();
  if (!isOk(answer)) {
    const { status, retryAfterSeconds } = answer;
    const refusal = { status, messages: readMessages(answer.json), retryAfterSeconds, excerpt: excerptOf(answer.body) };
    throw isFull() ? new SessionLimitError(answer.request, refusal) : responseError(answer.request, refusal);
  }
  const token = answer.headers['x-auth-token'];
  if (token === undefined || token === '') {
    throw new MalformedError(answer.request, 'X-Auth-Token', 'absent', 'use basic authentication');
  }
  const session = json(answer);
  const place = answer.headers.location ?? text(session, '@odata.id') ?? '';
  const path = pathOf(place, connection.origin);
  return {
    token,
    // The collection itself is no session.
    path: path === undefined || path.replace(/\/$/, '') === sessionsPath.replace(/\/$/, '') ? undefined : path,
    createdTime: text(session, 'CreatedTime'),
  };
}

/**
 * Ends a session.
 *
 * @returns false when the service refuses, or does not say which resource the session is.
 * @throws ConnectionError, TimeoutError.
 */
export async function logout(connection: Connection, session: OwnSession): Promise<boolean> {
  if (session.path === undefined) return false;
  const answer = await connection.request({
    method: 'DELETE',
    path: session.path,
    headers: { 'x-auth-token': session.token },
    timeoutMilliseconds: logoutMilliseconds,
  });
  return isOk(answer) || answer.status === 401 || answer.status === 404;
}
