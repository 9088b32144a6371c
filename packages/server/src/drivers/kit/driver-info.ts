// Reads keys of driver_info and refuses what can not be, naming key, value and what is allowed.
import { type Node, registeredError } from '@wrought/contract';

export interface DriverInfo {
  /** The text of a key that may be given as text or number; null when it is absent or empty. @throws InvalidParameterValue */
  text(key: string): string | null;
  /** One of these, whatever its case. @throws InvalidParameterValue */
  oneOf<const Allowed extends string>(key: string, allowed: readonly Allowed[]): Allowed | null;
  /** @throws InvalidParameterValue */
  port(key: string): number | null;
  /** @throws InvalidParameterValue */
  boolean(key: string): boolean | null;
  /** @param why what it is needed for: "to reach its BMC". @throws MissingParameterValue, InvalidParameterValue */
  required(key: string, why: string): string;
  /** The error for a value that can not be. */
  invalid(key: string, allowed: string): Error;
}

const YES = ['true', 'yes', 'on', '1'];
const NO = ['false', 'no', 'off', '0'];

/** The reader of a node's driver_info. */
export function driverInfo({ uuid, driver_info: info }: Pick<Node, 'uuid' | 'driver_info'>): DriverInfo {
  const at = (key: string) => info[key];

  function invalid(key: string, allowed: string) {
    return registeredError('InvalidParameterValue', {
      reason: `driver_info/${key} of node ${uuid} is ${JSON.stringify(at(key))}; allowed: ${allowed}.`,
    });
  }

  function text(key: string): string | null {
    const value = at(key);
    if (value === undefined || value === null || value === '') {
      return null;
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw invalid(key, 'a text');
    }
    return String(value);
  }

  return {
    text,
    invalid,
    oneOf(key, allowed) {
      const given = text(key);
      if (given === null) {
        return null;
      }
      const found = allowed.find((each) => each.toLowerCase() === given.toLowerCase());
      if (found === undefined) {
        throw invalid(key, allowed.join(', '));
      }
      return found;
    },
    port(key) {
      const given = text(key);
      if (given === null) {
        return null;
      }
      const port = /^\d+$/.test(given) ? Number(given) : Number.NaN;
      if (!(port >= 1 && port <= 65_535)) {
        throw invalid(key, 'a port number from 1 to 65535');
      }
      return port;
    },
    boolean(key) {
      const value = at(key);
      if (typeof value === 'boolean' || value === undefined || value === null) {
        return value ?? null;
      }
      const given = String(value).toLowerCase();
      if (YES.includes(given)) {
        return true;
      }
      if (NO.includes(given)) {
        return false;
      }
      throw invalid(key, 'true or false');
    },
    required(key, why) {
      const given = text(key);
      if (given === null) {
        throw registeredError('MissingParameterValue', {
          reason: `Node ${uuid} lacks driver_info/${key}, which is needed ${why}. Set it with a PATCH of the node.`,
        });
      }
      return given;
    },
  };
}
