// Sensor data records of BMCs, which seldom change and take long to read: those read last are kept, within a bound.
import {
  type Connection,
  type ProtocolError,
  recordsOf,
  type SdrSnapshot,
  type SensorDataRecord,
  snapshotSdrs,
} from '@wrought/ipmi';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../../config/index.ts';
import { endpointOf, type IpmiConnection } from '../connection.ts';

const MEBIBYTE = 1024 * 1024;
/** Beside its bytes, what is kept of a BMC takes about so much. */
const OVERHEAD_BYTES = 512;

export interface KnownSdrs {
  /** The records of the BMC, or of the controller behind it: read when they are not known, or not the same any more. */
  of(
    given: IpmiConnection,
    connection: Connection,
    config: Config,
  ): Promise<Iterable<SensorDataRecord | ProtocolError>>;
}

/** Makes the place for them; the bound is that of the configuration when the first are kept. */
export function createKnownSdrs(): KnownSdrs {
  let kept: LRUCache<string, SdrSnapshot> | undefined;
  return {
    async of(given, connection, { ipmi }) {
      const key = JSON.stringify([endpointOf(given), given.bridging]);
      const snapshot = await snapshotSdrs(connection, kept?.get(key));
      if (snapshot.stamp !== undefined && ipmi.sdr_cache_size > 0) {
        kept ??= new LRUCache({
          maxSize: ipmi.sdr_cache_size * MEBIBYTE,
          sizeCalculation: ({ bytes }) => bytes.length + OVERHEAD_BYTES,
        });
        kept.set(key, snapshot);
      }
      return recordsOf(snapshot);
    },
  };
}
