// Accounts of a BMC, and the sessions that are open (AccountService, ManagerAccount, SessionService schemas).
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Resource } from '../resource.ts';

export interface Account {
  readonly resource: Resource;
  readonly id: string;
  readonly userName: string | undefined;
  /** `Administrator`, `Operator`, `ReadOnly` and so on. */
  readonly roleId: string | undefined;
  readonly isEnabled: boolean | undefined;
  readonly isLocked: boolean | undefined;
}

/** Reads the accounts; slots without a user name are left out. */
export async function listAccounts(client: Client, options: CallOptions = {}): Promise<Account[]> {
  const service = await client.get((await client.root(options)).mustLink('AccountService'), options);
  const accounts = await client.members(service.mustLink('Accounts'), options);
  return accounts
    .filter((resource) => resource.text('UserName') !== undefined)
    .map((resource) => ({
      resource,
      id: resource.id,
      userName: resource.text('UserName'),
      roleId: resource.text('RoleId'),
      isEnabled: resource.boolean('Enabled'),
      isLocked: resource.boolean('Locked'),
    }));
}

/**
 * Sets the password of an account.
 *
 * @throws UnsupportedError when there is no such account.
 */
export async function setPassword(
  client: Client,
  userName: string,
  password: string,
  options: CallOptions = {},
): Promise<Answer> {
  const accounts = await listAccounts(client, options);
  const account = accounts.find((each) => each.userName === userName);
  if (account !== undefined) return client.patch(account.resource, { Password: password }, options);
  const names = accounts.map((each) => each.userName).filter((each) => each !== undefined);
  throw new UnsupportedError(
    (await client.root(options)).named('PATCH'),
    `the BMC has no account "${userName}"`,
    names,
  );
}

export interface OpenSession {
  readonly path: string;
  readonly userName: string | undefined;
  readonly clientAddress: string | undefined;
  readonly createdTime: string | undefined;
  /** `Redfish`, `WebUI`, `ManagerConsole` and so on. */
  readonly sessionType: string | undefined;
}

/** Reads the sessions that are open at the BMC, our own included. */
export async function listSessions(client: Client, options: CallOptions = {}): Promise<OpenSession[]> {
  const root = await client.root(options);
  const collection =
    root.object('Links')?.link('Sessions') ??
    (await client.get(root.mustLink('SessionService'), options)).mustLink('Sessions');
  return (await client.members(collection, options)).map((session) => ({
    path: session.path,
    userName: session.text('UserName'),
    clientAddress: session.text('ClientOriginIPAddress'),
    createdTime: session.text('CreatedTime'),
    sessionType: session.text('SessionType'),
  }));
}
