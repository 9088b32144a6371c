// Options of what machines boot and get: kernels, ramdisks, boot loaders, and which images are taken.
import { boolean, pathList, text, textList, textMap } from './option.ts';

export const conductorImages = {
  deploy_kernel: text({
    default: null,
    reloadable: true,
    description: 'Kernel of the agent ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  deploy_ramdisk: text({
    default: null,
    reloadable: true,
    description: 'Initramfs of the agent ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  deploy_kernel_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The kernel by cpu_arch, such as { "aarch64" = "file:///..." }; goes before `deploy_kernel`.',
  }),
  deploy_ramdisk_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The initramfs by cpu_arch; goes before `deploy_ramdisk`.',
  }),
  bootloader: text({
    default: null,
    reloadable: true,
    description:
      'Image of an EFI system partition (URL or path) for boot media, where driver_info/bootloader names none. Unset: one with the loaders of this machine.',
  }),
  bootloader_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The same by cpu_arch; goes before `bootloader`.',
  }),
  grub_config_path: text({
    default: 'EFI/BOOT/grub.cfg',
    reloadable: true,
    description: 'Where on boot media the loader of such an image looks for its configuration.',
  }),
  rescue_kernel: text({
    default: null,
    reloadable: true,
    description: 'Kernel of the rescue ramdisk (URL or path) for nodes whose driver_info names none.',
  }),
  rescue_ramdisk: text({
    default: null,
    reloadable: true,
    description:
      'Initramfs of the rescue ramdisk (URL or path) for nodes whose driver_info names none. Unset, like `rescue_kernel`: the agent ramdisk.',
  }),
  rescue_kernel_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The rescue kernel by cpu_arch; goes before `rescue_kernel`.',
  }),
  rescue_ramdisk_by_arch: textMap({
    default: {},
    reloadable: true,
    description: 'The rescue initramfs by cpu_arch; goes before `rescue_ramdisk`.',
  }),
  file_url_allowed_paths: pathList({
    default: ['$data_dir/images'],
    reloadable: true,
    description: 'Folders whose files may be named by file:// URLs and as kernel or ramdisk.',
  }),
  permitted_image_formats: textList({
    default: ['raw', 'gpt', 'qcow2', 'iso'],
    allowed: ['raw', 'gpt', 'qcow2', 'iso', 'vmdk', 'vhd', 'vhdx', 'vdi'],
    reloadable: true,
    description: 'Image formats that may be deployed, by what the file is and not by what its name says.',
  }),
  disable_deep_image_inspection: boolean({
    default: false,
    reloadable: true,
    description: 'Trust images without looking at their format; only for images from trusted hands.',
  }),
  disable_support_for_checksum_files: boolean({
    default: false,
    reloadable: true,
    description: 'Refuse an image_checksum that is the URL of a checksum file.',
  }),
} as const;
