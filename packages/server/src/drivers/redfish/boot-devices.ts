// The boot devices that Redfish interfaces take, by the names that the API has for them.
export const bootDevices = ['pxe', 'disk', 'cdrom', 'bios', 'uefihttp'] as const;
export type RedfishBootDevice = (typeof bootDevices)[number];
