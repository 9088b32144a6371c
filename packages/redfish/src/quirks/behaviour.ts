// What is done otherwise with some services; the files beside this one say with which, and why.

export interface Behaviour {
  /** Whether `$expand` is used where the service offers it. */
  readonly expand: boolean;
  /** In which form ETags are sent first: as the service gives them, without `W/`, or not at all. */
  readonly etags: 'given' | 'strong' | 'none';
  /** "changes": a boot override without what is so already; "full": always target, duration and mode together. */
  readonly bootRequest: 'changes' | 'full';
  /** The boot target that means a virtual CD. */
  readonly virtualCd: 'Cd' | 'UsbCd';
  /** Whether a virtual CD is booted from by a boot target at all; else only by means of the manufacturer. */
  readonly bootsVirtualCd: boolean;
  /** Ids of the virtual drives that a machine can boot from; undefined: any. */
  readonly bootableMedia: readonly string[] | undefined;
  /** Whether image URLs may have a query. */
  readonly imageUrlsWithQuery: boolean;
  /** Whether a continuous boot override is gone after a boot, and has to be set again. */
  readonly forgetsContinuous: boolean;
  /** Whether the disk may be made the boot device after an operating system entered itself in the firmware. */
  readonly bootDeviceAfterInstall: boolean;
  /** The property of a system that has the serial number on its label. */
  readonly serialNumber: 'SerialNumber' | 'SKU';
}

export const usualBehaviour: Behaviour = {
  expand: true,
  etags: 'given',
  bootRequest: 'changes',
  virtualCd: 'Cd',
  bootsVirtualCd: true,
  bootableMedia: undefined,
  imageUrlsWithQuery: true,
  forgetsContinuous: false,
  bootDeviceAfterInstall: true,
  serialNumber: 'SerialNumber',
};
