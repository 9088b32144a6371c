// Data of Activate and Deactivate Payload (IPMI 2.0, 24.1 and 24.2); responses without completion code.
import { asBuffer, needBytes } from './bytes.ts';

export const activatePayload = 0x48;
export const deactivatePayload = 0x49;

const encryptionBit = 0x80;
const authenticationBit = 0x40;
export interface ActivatePayloadRequest {
  readonly payloadType: number;
  /** 1 to 15. */
  readonly instance: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
}

export function encodeActivatePayload(request: ActivatePayloadRequest): Buffer {
  const flags = (request.encrypted ? encryptionBit : 0) | (request.authenticated ? authenticationBit : 0);
  // The other bits at zero: the BMC asserts CTS and DCD/DSR at once; alerts over the shared line fail while SOL has it.
  return Buffer.of(request.payloadType, request.instance, flags, 0, 0, 0);
}

export function decodeActivatePayload(data: Uint8Array): ActivatePayloadRequest {
  needBytes(data, 6, 'Activate Payload request');
  const flags = data[2] as number;
  return {
    payloadType: (data[0] as number) & 0x3f,
    instance: (data[1] as number) & 0x0f,
    encrypted: (flags & encryptionBit) !== 0,
    authenticated: (flags & authenticationBit) !== 0,
  };
}

export interface ActivatePayloadResponse {
  /** Largest payload, SOL header included, that the BMC takes and sends; bytes. */
  readonly inboundSize: number;
  readonly outboundSize: number;
  readonly port: number;
  /** 0xffff: none. */
  readonly vlan: number;
}

export function encodeActivatePayloadResponse(response: ActivatePayloadResponse): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(response.inboundSize, 4);
  bytes.writeUInt16LE(response.outboundSize, 6);
  bytes.writeUInt16LE(response.port, 8);
  bytes.writeUInt16LE(response.vlan, 10);
  return bytes;
}

export function decodeActivatePayloadResponse(given: Uint8Array): ActivatePayloadResponse {
  const bytes = asBuffer(given);
  needBytes(bytes, 12, 'Activate Payload response');
  return {
    inboundSize: bytes.readUInt16LE(4),
    outboundSize: bytes.readUInt16LE(6),
    port: bytes.readUInt16LE(8),
    vlan: bytes.readUInt16LE(10),
  };
}

export function encodeDeactivatePayload(payloadType: number, instance: number): Buffer {
  return Buffer.of(payloadType, instance, 0, 0, 0, 0);
}

export function decodeDeactivatePayload(data: Uint8Array): { payloadType: number; instance: number } {
  needBytes(data, 6, 'Deactivate Payload request');
  return { payloadType: (data[0] as number) & 0x3f, instance: (data[1] as number) & 0x0f };
}
