// PICMG: whether a controller is one of AdvancedTCA, AdvancedMC or MicroTCA (PICMG 3.0, 3.8.1).
import type { Connection } from '../connection.ts';
import { groupRequest, groups } from './group-extension.ts';

export interface PicmgProperties {
  /** Of the extension, "2.3". */
  readonly version: string;
  readonly highestFruDeviceId: number;
  /** The FRU device of the controller itself. */
  readonly controllerFruDeviceId: number;
}

/** Get PICMG Properties. Completion code 0xc1: the controller is none of them. */
export async function getPicmgProperties(connection: Connection): Promise<PicmgProperties> {
  const reader = await groupRequest(connection, groups.picmg, 0x00, 'Get PICMG Properties', [], { repeatable: true });
  const version = reader.u8('extension version');
  return {
    version: `${version & 0x0f}.${version >> 4}`,
    highestFruDeviceId: reader.u8('highest FRU device id'),
    controllerFruDeviceId: reader.u8('FRU device id of the controller'),
  };
}
