// Users and their roles (schemas AccountService, ManagerAccount, Role).
import { checkProperties, isBoolean, isOneOf, isText, type Writable } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import { type RedfishUser, type RoleName, roles } from '../settings.ts';
import type { At, Body, Call, Route } from '../types.ts';
import { collection, collectionRoute, healthy, link, resource, root } from './shape.ts';

interface Account {
  readonly id: string;
  name: string;
  password: string;
  role: RoleName;
  isEnabled: boolean;
}

const mostAccounts = 16;

class Accounts {
  readonly #accounts: Account[];

  constructor(users: readonly RedfishUser[]) {
    this.#accounts = users.map((user, index) => ({ ...user, id: String(index + 1), isEnabled: true }));
  }

  get all(): readonly Account[] {
    return this.#accounts;
  }

  get(id: string | undefined): Account | undefined {
    return this.#accounts.find((account) => account.id === id);
  }

  /** The account of a user who may log in. */
  find(name: string): Account | undefined {
    return this.#accounts.find((account) => account.name === name && account.isEnabled);
  }

  check(name: string, password: string): Account | undefined {
    const account = this.find(name);
    return account?.password === password ? account : undefined;
  }

  add(user: RedfishUser, isEnabled: boolean): Account {
    const taken = new Set(this.#accounts.map(({ id }) => id));
    let number = 1;
    while (taken.has(String(number))) number += 1;
    const account = { ...user, id: String(number), isEnabled };
    this.#accounts.push(account);
    return account;
  }

  remove(account: Account): void {
    this.#accounts.splice(this.#accounts.indexOf(account), 1);
  }
}

export const accountsOf = perBmc((bmc) => new Accounts(bmc.settings.users));

const service = `${root}/AccountService`;
const fields: Writable = {
  UserName: isText,
  Password: isText,
  RoleId: isOneOf(roles),
  Enabled: isBoolean,
};

function bodyOf(model: Model, { id, name, role, isEnabled }: Account): Body {
  return {
    ...resource(model, 'ManagerAccount', id, 'User Account'),
    UserName: name,
    Password: null,
    RoleId: role,
    Enabled: isEnabled,
    Locked: false,
    PasswordChangeRequired: false,
    AccountTypes: ['Redfish'],
    Links: { Role: link(`${service}/Roles/${role}`) },
  };
}

function create({ bmc, body }: Call) {
  checkProperties(body, fields, {}, ['UserName', 'Password', 'RoleId']);
  const { UserName, Password, RoleId, Enabled = true } = body;
  const accounts = accountsOf(bmc);
  if (accounts.all.some(({ name }) => name === UserName)) {
    throw problem(409, 'ResourceAlreadyExists', 'ManagerAccount', 'UserName', String(UserName));
  }
  if (accounts.all.length >= mostAccounts) throw problem(400, 'CreateLimitReachedForResource');
  const user = { name: String(UserName), password: String(Password), role: RoleId as RoleName };
  const account = accounts.add(user, Enabled === true);
  const path = `${service}/Accounts/${account.id}`;
  return { status: 201, body: { '@odata.id': path, ...bodyOf(bmc.model, account) }, headers: { Location: path } };
}

const read = ({ bmc, parameters }: At): Body | undefined => {
  const account = accountsOf(bmc).get(parameters.account);
  return account === undefined ? undefined : bodyOf(bmc.model, account);
};

function change(call: Call): undefined {
  const account = accountsOf(call.bmc).get(call.parameters.account);
  if (account === undefined) return undefined;
  checkProperties(call.body, fields, bodyOf(call.bmc.model, account));
  const { UserName, Password, RoleId, Enabled } = call.body;
  if (UserName !== undefined) account.name = String(UserName);
  if (Password !== undefined) account.password = String(Password);
  if (RoleId !== undefined) account.role = RoleId as RoleName;
  if (Enabled !== undefined) account.isEnabled = Enabled === true;
  return undefined;
}

function remove({ bmc, parameters }: Call): undefined {
  const accounts = accountsOf(bmc);
  const account = accounts.get(parameters.account);
  const administrators = accounts.all.filter(({ role, isEnabled }) => role === 'Administrator' && isEnabled);
  if (account !== undefined && administrators.length === 1 && administrators[0] === account) {
    throw problem(400, 'ResourceCannotBeDeleted');
  }
  if (account !== undefined) accounts.remove(account);
  return undefined;
}

const privileges: Readonly<Record<RoleName, readonly string[]>> = {
  Administrator: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureSelf', 'ConfigureComponents'],
  Operator: ['Login', 'ConfigureSelf', 'ConfigureComponents'],
  ReadOnly: ['Login', 'ConfigureSelf'],
};

export const accountRoutes = (model: Model): readonly Route[] => [
  {
    path: service,
    get: () => ({
      ...resource(model, 'AccountService', 'AccountService', 'Account Service'),
      ServiceEnabled: true,
      Status: healthy,
      MinPasswordLength: 8,
      MaxPasswordLength: 64,
      AccountLockoutThreshold: 0,
      Accounts: link(`${service}/Accounts`),
      Roles: link(`${service}/Roles`),
    }),
  },
  {
    path: `${service}/Accounts`,
    get: ({ bmc }) =>
      collection(
        'ManagerAccount',
        'Accounts',
        accountsOf(bmc).all.map(({ id }) => `${service}/Accounts/${id}`),
      ),
    post: create,
  },
  { path: `${service}/Accounts/{account}`, get: read, patch: change, delete: remove },
  collectionRoute(`${service}/Roles`, 'Role', 'Roles', roles),
  ...roles.map((role) => ({
    path: `${service}/Roles/${role}`,
    get: () => ({
      ...resource(model, 'Role', role, 'User Role'),
      RoleId: role,
      IsPredefined: true,
      AssignedPrivileges: privileges[role],
    }),
  })),
];
