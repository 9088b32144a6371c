// The agent's errors, named, worded and numbered as those of Ironic's agent, because the server reads them.
import type { AgentError, AgentFault } from '@wrought/contract';

type ErrorKind = { code: number; message: string };

const ERROR_KINDS = {
  InvalidContentError: { code: 400, message: 'Invalid request body' },
  InvalidCommandError: { code: 400, message: 'Invalid command' },
  InvalidCommandParamsError: { code: 400, message: 'Invalid command parameters' },
  Unauthorized: { code: 401, message: 'Unauthorized' },
  NotFound: { code: 404, message: 'Not found' },
  RequestedObjectNotFoundError: { code: 404, message: 'Not found' },
  MethodNotAllowed: { code: 405, message: 'Method not allowed' },
  RequestTooLarge: { code: 413, message: 'Request body too large' },
  AgentIsBusy: { code: 409, message: 'Agent is busy' },
  VersionMismatch: { code: 409, message: 'Hardware managers version mismatch, reload agent with correct version' },
  CommandExecutionError: { code: 500, message: 'Command execution failed' },
  ImageDownloadError: { code: 500, message: 'Error downloading image' },
  ImageChecksumError: { code: 500, message: 'Error verifying image checksum' },
  ImageWriteError: { code: 500, message: 'Error writing image to device' },
  InvalidImage: { code: 500, message: 'The provided image is not valid for use' },
  DeviceNotFound: { code: 404, message: 'Error finding the disk or partition device to deploy the image onto' },
  BlockDeviceError: { code: 500, message: 'Block device caused unknown error' },
  BlockDeviceEraseError: { code: 500, message: 'Error erasing block device' },
  CleaningError: { code: 500, message: 'Clean step failed' },
  DeploymentError: { code: 500, message: 'Deploy step failed' },
} as const satisfies { [type: string]: ErrorKind };

export type AgentErrorType = keyof typeof ERROR_KINDS;

/** An error with a name that Ironic knows; `details` say what was tried, on what, what came back, what to do. */
export class AgentFailure extends Error {
  override name = 'AgentFailure';
  readonly type: AgentErrorType;
  readonly details: string;

  constructor(type: AgentErrorType, details: string) {
    super(`${ERROR_KINDS[type].message}: ${details}`);
    this.type = type;
    this.details = details;
  }
}

/** What an error looks like in `command_error`. */
export function toAgentError(error: unknown): AgentError {
  const failure = toFailure(error);
  const kind = ERROR_KINDS[failure.type];
  return { type: failure.type, code: kind.code, message: kind.message, details: failure.details };
}

/** What an error looks like as the body of a refused request. */
export function toAgentFault(error: unknown): AgentFault {
  const shape = toAgentError(error);
  const faultcode = shape.code >= 500 ? 'Server' : 'Client';
  return { ...shape, faultcode, faultstring: `${shape.message}: ${shape.details}` };
}

/** Wraps any error under a kind; one that already has a kind is kept, and a text may be put before its details. */
export function toFailure(error: unknown, type: AgentErrorType = 'CommandExecutionError', prefix = ''): AgentFailure {
  if (error instanceof AgentFailure) {
    return prefix === '' ? error : new AgentFailure(error.type, `${prefix}${error.details}`);
  }
  return new AgentFailure(type, `${prefix}${error instanceof Error ? error.message : String(error)}`);
}
