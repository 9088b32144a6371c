// What a client does otherwise with some services; `quirks.ts` says with which.

export interface Behaviour {
  /** Whether `$expand` is used where the service offers it. */
  readonly expand: boolean;
  /** In which form ETags are sent first: as the service gives them, without `W/`, or not at all. */
  readonly etags: 'given' | 'strong' | 'none';
  /** "changes": a boot override without what is so already; "full": always target, duration and mode together. */
  readonly bootRequest: 'changes' | 'full';
  /** The boot target that means a virtual CD. */
  readonly virtualCd: 'Cd' | 'UsbCd';
  /** Whether a continuous boot override is lost with each boot, and has to be set again. */
  readonly forgetsContinuous: boolean;
}

export const usualBehaviour: Behaviour = {
  expand: true,
  etags: 'given',
  bootRequest: 'changes',
  virtualCd: 'Cd',
  forgetsContinuous: false,
};
