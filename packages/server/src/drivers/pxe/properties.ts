// The keys of driver_info that the network boot interfaces read.
export const properties = {
  deploy_kernel: 'Kernel of the agent ramdisk (URL or path). Default: conductor.deploy_kernel of the configuration.',
  deploy_ramdisk:
    'Initramfs of the agent ramdisk (URL or path). Default: conductor.deploy_ramdisk of the configuration.',
  rescue_kernel:
    'Kernel of the rescue ramdisk (URL or path). Default: conductor.rescue_kernel, else the kernel of the agent ramdisk.',
  rescue_ramdisk:
    'Initramfs of the rescue ramdisk (URL or path). Default: conductor.rescue_ramdisk, else that of the agent ramdisk.',
  kernel_append_params: 'Kernel arguments of the ramdisk; %default% stands for pxe.kernel_append_params.',
  force_persistent_boot_device:
    'Always: every boot device change is persistent; Never: none is; Default: only the one to the disk at the end of deployment.',
} as const;
