// The users of one simulated BMC: who they are, whether they may log in, and what they may do.
import { privilegeLevel } from '@wrought/ipmi/codec';
import { type BmcUser, maximumUserId } from './settings.ts';

export interface User {
  readonly id: number;
  name: string;
  password: Buffer;
  /** Bytes with which it is stored: 16, or 20 for IPMI 2.0 alone. */
  passwordSize: number;
  /** A number of table 6-2; 15: no access. */
  privilege: number;
  isEnabled: boolean;
  /** The user may open IPMI sessions over LAN. */
  ipmiMessaging: boolean;
  callbackOnly: boolean;
  linkAuthentication: boolean;
}

const noAccess = 15;
const shortPassword = 16;
const longPassword = 20;

export class Users {
  readonly #users = new Map<number, User>();

  constructor(given: readonly BmcUser[]) {
    for (const { id, name, password, privilege } of given) {
      this.#users.set(id, {
        id,
        name,
        password: Buffer.from(password, 'utf8'),
        passwordSize: Buffer.byteLength(password) > shortPassword ? longPassword : shortPassword,
        privilege: privilegeLevel[privilege],
        isEnabled: true,
        ipmiMessaging: true,
        callbackOnly: false,
        linkAuthentication: true,
      });
    }
  }

  /** The user of an id from 1 to 10, who need not have a name yet; undefined for other ids. */
  at(id: number): User | undefined {
    if (id < 1 || id > maximumUserId) return undefined;
    const found = this.#users.get(id);
    if (found !== undefined) return found;
    const made: User = {
      id,
      name: '',
      password: Buffer.alloc(0),
      passwordSize: shortPassword,
      privilege: noAccess,
      isEnabled: false,
      ipmiMessaging: false,
      callbackOnly: false,
      linkAuthentication: false,
    };
    this.#users.set(id, made);
    return made;
  }

  get enabledCount(): number {
    return [...this.#users.values()].filter(({ isEnabled }) => isEnabled).length;
  }

  get hasNullUser(): boolean {
    return [...this.#users.values()].some(({ name, isEnabled }) => isEnabled && name === '');
  }

  get hasNamedUser(): boolean {
    return [...this.#users.values()].some(({ name, isEnabled }) => isEnabled && name !== '');
  }

  /** Users with this name who may log in, in the order of their ids. */
  named(name: Uint8Array): User[] {
    const text = Buffer.from(name).toString('utf8');
    return [...this.#users.values()]
      .filter((user) => user.name === text && user.isEnabled && user.ipmiMessaging && user.privilege !== noAccess)
      .sort((one, other) => one.id - other.id);
  }
}
