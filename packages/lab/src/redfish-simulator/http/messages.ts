// Messages of errors and events by their keys in DMTF's registries Base, TaskEvent, ResourceEvent and Update, in words of our own.

export interface RegistryMessage {
  /** "%1" and so on stand for the arguments. */
  readonly text: string;
  readonly arguments: number;
  readonly severity: 'OK' | 'Warning' | 'Critical';
  readonly resolution: string;
}

const message = (
  text: string,
  resolution = 'None.',
  severity: RegistryMessage['severity'] = 'Critical',
): RegistryMessage => ({
  ...{ text, resolution, severity },
  arguments: new Set(text.match(/%\d/g)).size,
});

export const baseMessages = {
  Success: message('The request was done.', 'None.', 'OK'),
  GeneralError: message('Something went wrong: there is no more to say.', 'See the other messages.'),
  InternalError: message(
    'The service failed by a fault of its own.',
    'Send the request again; reset the service if that does not help.',
  ),
  ServiceTemporarilyUnavailable: message(
    'The service is busy for %1 seconds.',
    'Send the request again after that time.',
  ),
  MalformedJSON: message('The body of the request is no JSON object.', 'Mend the body and send the request again.'),
  UnrecognizedRequestBody: message(
    'The body of the request has a form that is not read here.',
    'Mend the body and its Content-Type.',
    'Warning',
  ),
  ResourceNotFound: message('There is no %1 with the name %2.', 'Name one that exists.'),
  OperationNotAllowed: message('The method is not for this resource.', 'Use one that the header Allow names.'),
  NoValidSession: message('The request has no valid session or user.', 'Log in and send the request again.'),
  InsufficientPrivilege: message('The user may not do this.', 'Ask with a user whose role allows it.'),
  SessionLimitExceeded: message('No session is free.', 'End others, or wait until one has expired.'),
  ResourceAtUriUnauthorized: message('The user or the password for %1 is wrong: %2.', 'Name the right ones.'),
  PreconditionFailed: message(
    'The ETag in If-Match is not that of the resource.',
    'Read the resource and send the request with its ETag.',
  ),
  PreconditionRequired: message(
    'The request needs If-Match with the ETag of the resource.',
    'Send it with that header.',
  ),
  PropertyUnknown: message('The resource has no property %1.', 'Leave it out and send the request again.', 'Warning'),
  PropertyNotWritable: message(
    'The property %1 can only be read.',
    'Leave it out and send the request again.',
    'Warning',
  ),
  PropertyMissing: message(
    'The property %1 has to be in the request.',
    'Add it and send the request again.',
    'Warning',
  ),
  PropertyValueTypeError: message(
    'The value %1 of the property %2 has the wrong type.',
    'Mend the value and send the request again.',
    'Warning',
  ),
  PropertyValueNotInList: message(
    'The value %1 of the property %2 is not one of those that are allowed.',
    'Choose one of these.',
    'Warning',
  ),
  PropertyValueFormatError: message(
    'The value %1 of the property %2 has the wrong form.',
    'Mend the value and send the request again.',
    'Warning',
  ),
  PropertyValueOutOfRange: message(
    'The value %1 of the property %2 is out of its bounds.',
    'Choose one within them.',
    'Warning',
  ),
  PropertyValueConflict: message(
    'The property %1 can not be written while %2 is as it is.',
    'Change the one before the other.',
    'Warning',
  ),
  ActionNotSupported: message('The action %1 is not supported.', 'Use one that the resource names.'),
  ActionParameterMissing: message('The action %1 needs the parameter %2.', 'Add it and send the request again.'),
  ActionParameterUnknown: message(
    'The action %1 has no parameter %2.',
    'Leave it out and send the request again.',
    'Warning',
  ),
  ActionParameterValueTypeError: message(
    'The value %1 of the parameter %2 of the action %3 has the wrong type.',
    'Mend the value.',
    'Warning',
  ),
  ActionParameterValueNotInList: message(
    'The value %1 of the parameter %2 of the action %3 is not one of those that are allowed.',
    'Choose one of these.',
    'Warning',
  ),
  ActionParameterValueFormatError: message(
    'The value %1 of the parameter %2 of the action %3 has the wrong form.',
    'Mend the value.',
    'Warning',
  ),
  ResourceAlreadyExists: message(
    'There is a %1 with the property %2 of the value %3 already.',
    'Choose another value.',
  ),
  ResourceInUse: message('The resource is in use.', 'End its use, or wait.', 'Warning'),
  ResourceCannotBeDeleted: message('The resource can not be deleted.', 'None.', 'Warning'),
  ResourceInStandby: message(
    'The resource can not do this in its present power state.',
    'Change its power state first.',
  ),
  OperationFailed: message('An operation of the service failed to be done: %1.', 'See what it says.', 'Warning'),
  QueryNotSupportedOnResource: message('The resource takes no such query.', 'Leave the query out.', 'Warning'),
  QueryParameterValueTypeError: message(
    'The value %1 of the query parameter %2 has the wrong type.',
    'Mend the value.',
    'Warning',
  ),
  QueryParameterOutOfRange: message(
    'The value %1 of the query parameter %2 is not within %3.',
    'Choose one within.',
    'Warning',
  ),
  CreateLimitReachedForResource: message('No more of these can be made.', 'Delete others.'),
  ResetRequired: message('The change counts after a reset: send %1 with ResetType %2.', 'Do that.', 'Warning'),
} as const satisfies Record<string, RegistryMessage>;

export type BaseMessage = keyof typeof baseMessages;

export const taskMessages = {
  TaskStarted: message('The task %1 has begun.', 'None.', 'OK'),
  TaskCompletedOK: message('The task %1 has ended well.', 'None.', 'OK'),
  TaskAborted: message('The task %1 has ended with an error.', 'See the messages of the task.'),
  TaskCancelled: message('The task %1 was cancelled.', 'None.', 'Warning'),
} as const satisfies Record<string, RegistryMessage>;

export const resourceMessages = {
  ResourceChanged: message('Properties of the resource changed.', 'None.', 'OK'),
  ResourceCreated: message('The resource was made.', 'None.', 'OK'),
  ResourceRemoved: message('The resource was removed.', 'None.', 'OK'),
  ResourcePoweredOn: message('The resource %1 was powered on.', 'None.', 'OK'),
  ResourcePoweredOff: message('The resource %1 was powered off.', 'None.', 'OK'),
  TestMessage: message('A message to try the way by which events come.', 'None.', 'OK'),
} as const satisfies Record<string, RegistryMessage>;

export const updateMessages = {
  UpdateSuccessful: message('%1 was updated with the image %2.', 'None.', 'OK'),
  ApplyFailed: message('The image %1 could not be put on %2.', 'See whether the image fits.'),
  TransferFailed: message('The image %1 could not be brought to %2.', 'See whether the image is there.'),
  InstallingOnComponent: message('The image %1 is put on %2.', 'None.', 'OK'),
} as const satisfies Record<string, RegistryMessage>;

/** The text of a message with its arguments. */
export const textOf = ({ text }: RegistryMessage, args: readonly string[]): string =>
  text.replace(/%(\d)/g, (_, position: string) => args[Number(position) - 1] ?? '');
