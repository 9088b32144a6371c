// The keys of driver_info that the network boot interfaces read.
export const properties = {
  deploy_kernel: 'Kernel of the agent ramdisk (URL or path). Default: conductor.deploy_kernel of the configuration.',
  deploy_ramdisk:
    'Initramfs of the agent ramdisk (URL or path). Default: conductor.deploy_ramdisk of the configuration.',
  kernel_append_params: 'Kernel arguments of the ramdisk; %default% stands for pxe.kernel_append_params.',
  force_persistent_boot_device:
    'Always: every boot device change is persistent; Never: none is; Default: only the one to the disk at the end of deployment.',
} as const;
