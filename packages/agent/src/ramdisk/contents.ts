// What the ramdisk is made of: Debian packages, the programs taken from them, and the kernel's modules.

/** Packages whose programs go into the ramdisk; their libraries follow by themselves. */
export const PACKAGES = [
  'busybox',
  'ca-certificates',
  'coreutils',
  'dmidecode',
  'dosfstools',
  'dropbear-bin',
  'e2fsprogs',
  'efibootmgr',
  'ethtool',
  'fdisk',
  'gdisk',
  'hdparm',
  'ipmitool',
  'iproute2',
  'kmod',
  'libatomic1',
  'libstdc++6',
  'linux-image-amd64',
  'mdadm',
  'mount',
  'nvme-cli',
  'parted',
  'pciutils',
  'qemu-utils',
  'smartmontools',
  'tcpdump',
  'udev',
  'util-linux',
] as const;

/** Packages that others depend on for their installation, which does not take place here. */
export const PACKAGES_LEFT_OUT = [
  /^(adduser|cpio|debconf|debianutils|dpkg|gcc-\d+-base|init-system-helpers|initramfs-tools.*|klibc-utils|libklibc)$/,
  /^(libaudit-common|libdb5\.3|libfile-find-rule-perl|libgdbm.*|libnumber-compare-perl|libpam.*|libperl.*)$/,
  /^(libsemanage.*|libsepol.*|libtext-glob-perl|linux-base|linux-image-amd64|logsave|lsb-base|openssl|passwd)$/,
  /^(perl|perl-base|perl-modules-.*|sysvinit-utils|tar|usrmerge|uuid-runtime|freeipmi-common|pci\.ids)$/,
] as const;

/** Programs by path; the libraries they are linked with come along. */
export const PROGRAMS = [
  'usr/bin/busybox',
  'usr/bin/efibootmgr',
  'usr/bin/ip',
  'usr/bin/ipmitool',
  'usr/bin/kmod',
  'usr/bin/lsblk',
  'usr/bin/lspci',
  'usr/bin/mount',
  'usr/bin/qemu-img',
  'usr/bin/shred',
  'usr/bin/tcpdump',
  'usr/bin/udevadm',
  'usr/bin/umount',
  'usr/lib/systemd/systemd-udevd',
  'usr/lib/udev/ata_id',
  'usr/lib/udev/cdrom_id',
  'usr/lib/udev/scsi_id',
  'usr/sbin/blkid',
  'usr/sbin/blockdev',
  'usr/sbin/depmod',
  'usr/sbin/dmidecode',
  'usr/sbin/dropbear',
  'usr/sbin/e2fsck',
  'usr/sbin/ethtool',
  'usr/sbin/fsck.vfat',
  'usr/sbin/hdparm',
  'usr/sbin/insmod',
  'usr/sbin/lsmod',
  'usr/sbin/mdadm',
  'usr/sbin/mke2fs',
  'usr/sbin/mkfs.fat',
  'usr/sbin/modprobe',
  'usr/sbin/nvme',
  'usr/sbin/partprobe',
  'usr/sbin/parted',
  'usr/sbin/resize2fs',
  'usr/sbin/rmmod',
  'usr/sbin/sfdisk',
  'usr/sbin/sgdisk',
  'usr/sbin/smartctl',
  'usr/sbin/wipefs',
] as const;

/** Libraries that programs load while they run, and that linking does not tell. */
export const EXTRA_LIBRARIES = [
  'usr/lib/x86_64-linux-gnu/libnss_dns.so.2',
  'usr/lib/x86_64-linux-gnu/libnss_files.so.2',
  'usr/lib/x86_64-linux-gnu/libresolv.so.2',
] as const;

/** udev's rules for disks and network interfaces; those for keyboards, cameras and sounds only cost time. */
export const UDEV_RULES = [
  '50-udev-default.rules',
  '60-block.rules',
  '60-cdrom_id.rules',
  '60-persistent-storage.rules',
  '73-special-net-names.rules',
  '75-net-description.rules',
  '80-drivers.rules',
  '80-net-setup-link.rules',
] as const;

/** Other files that the programs read. */
export const DATA_FILES = ['usr/lib/systemd/network/99-default.link', 'etc/mke2fs.conf'] as const;

/** busybox answers to these names, where no larger program has them. */
export const BUSYBOX_APPLETS = [
  ...['[', 'acpid', 'arp', 'ash', 'awk', 'base64', 'basename', 'blkdiscard', 'cat', 'chmod', 'chown', 'chroot'],
  ...['clear', 'cmp', 'cp', 'cpio', 'cut', 'date', 'dd', 'df', 'dirname', 'dmesg', 'du', 'echo', 'env', 'expr'],
  ...['false', 'find', 'free', 'getty', 'grep', 'gunzip', 'gzip', 'halt', 'head', 'hexdump', 'hostname', 'hwclock'],
  ...[
    'id',
    'ifconfig',
    'kill',
    'killall',
    'less',
    'ln',
    'login',
    'losetup',
    'ls',
    'md5sum',
    'mkdir',
    'mkfifo',
    'mknod',
  ],
  ...['mktemp', 'more', 'mv', 'nc', 'netstat', 'nproc', 'nslookup', 'od', 'pidof', 'ping', 'poweroff', 'printf'],
  ...['ps', 'pwd', 'readlink', 'realpath', 'reboot', 'rm', 'rmdir', 'route', 'sed', 'seq', 'setsid', 'sh'],
  ...['sha256sum', 'sha512sum', 'sleep', 'sort', 'stat', 'strings', 'stty', 'switch_root', 'sync', 'sysctl', 'tail'],
  ...['tar', 'tee', 'test', 'timeout', 'top', 'touch', 'tr', 'true', 'truncate', 'tty', 'udhcpc', 'uname', 'uniq'],
  ...['unlink', 'uptime', 'vi', 'watch', 'wc', 'wget', 'which', 'xargs', 'xxd', 'xz', 'yes', 'zcat'],
] as const;

/** Modules by path below `kernel/`; what they depend on comes along. */
export const MODULES = [
  /^arch\/x86\/crypto\/(crc32|crc32c|sha256|sha512|aesni)/,
  /^crypto\/(crc32c?_generic|sha256_generic|xxhash_generic)/,
  /^drivers\/(acpi\/.*(ipmi|nfit|button)|ata|block|cdrom|char\/ipmi|dax|firmware\/qemu|hv|md|message\/fusion)\b/,
  /^drivers\/(nvdimm|nvme\/host|pci|ptp|scsi|virtio|watchdog\/.*(ipmi|iTCO|i6300))\b/,
  /^drivers\/input\/evdev\.ko$/,
  /^drivers\/hid\/(hid|hid-generic|usbhid\/.*)\.ko$/,
  /^drivers\/net\/(ethernet|hyperv|phy|mdio|pcs|dsa\/.*|vmxnet3|bonding|usb)\b/,
  /^drivers\/net\/(virtio_net|net_failover|dummy|macvlan|xen-netfront|mdio|sungem_phy|mii)\.ko$/,
  /^drivers\/usb\/(common|core|host|storage|roles|typec\/ucsi)\b/,
  /^fs\/(efivarfs|ext4|fat|isofs|jbd2|nls\/nls_(cp437|ascii|iso8859-1|utf8)|pstore)\b/,
  /^lib\/(crc|libcrc|raid6)/,
  /^net\/(802|8021q|llc|core\/failover|packet|vmw_vsock)\b/,
] as const;

/** Modules that match, but that a deployment never needs: they are large. */
export const MODULES_LEFT_OUT = [
  /^drivers\/block\/(drbd|rbd|aoe|rnbd|floppy|null_blk|zram|nbd|pktcdvd)/,
  /^drivers\/md\/(dm-vdo|bcache|dm-cache|dm-era|dm-writecache|dm-zoned|dm-clone|dm-log-writes|md-cluster)/,
  /^drivers\/net\/ethernet\/(chelsio\/inline_crypto|mellanox\/mlxsw|sfc\/siena|netronome\/nfp\/.*abm|marvell\/prestera)/,
  /^drivers\/net\/usb\/(hso|huawei_cdc|qmi_wwan|sierra_net|kalmia|ipheth|lg-vl600|cx82310|rndis_wlan)/,
  /^drivers\/(net\/dsa\/|nvme\/host\/nvme-(rdma|fc|tcp))/,
  /^drivers\/scsi\/(device_handler|pcmcia|bfa|qedf|bnx2fc|fcoe|libfc|lpfc\/lpfc_debug|cxgbi|be2iscsi|qedi|qla4xxx)/,
  /^drivers\/usb\/host\/(.*hcd-test|u132|sl811_cs)/,
] as const;
