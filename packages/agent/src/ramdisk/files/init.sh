#!/bin/sh
# First process of the ramdisk: brings up devices and network, then keeps the agent running.
export PATH=/usr/sbin:/usr/bin
export HOME=/root TERM=linux

say() {
  echo "[init $(cut -d' ' -f1 /proc/uptime)s] $*"
}

mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm /proc /sys /run /tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=0755,nosuid,nodev run /run
# Images that must be converted are kept in memory; the agent itself sees to what stays free.
mount -t tmpfs -o mode=1777,nosuid,nodev,size=95% tmp /tmp
ln -sf /proc/self/fd /dev/fd
echo wrought-agent >/proc/sys/kernel/hostname
# Kernel warnings stay in dmesg; the console belongs to what the agent says.
echo 3 >/proc/sys/kernel/printk

say "kernel $(uname -r)"
ip link set lo up

/usr/lib/systemd/systemd-udevd --daemon --resolve-names=never
# Drivers for all that is there by one modprobe; udev would start with a thousand events and ask for each by itself.
# What appears when a driver is loaded comes to udev as an event.
find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -abq
udevadm trigger --type=devices --action=add --subsystem-match=block --subsystem-match=net \
  --subsystem-match=nvme --subsystem-match=scsi --subsystem-match=usb
udevadm settle --timeout=60
[ -d /sys/firmware/efi ] && modprobe -q efivarfs &&
  mount -t efivarfs efivarfs /sys/firmware/efi/efivars
say "devices are there"

# Not asked for by any device, and not worth waiting for.
modprobe -qa ipmi_si ipmi_devintf nls_cp437 nls_ascii vfat &
# Who presses the power button, or has the BMC press it, gets a machine that goes down in order.
modprobe -qa button evdev && acpid -l /dev/null

/usr/lib/wrought/parameters.sh
/usr/lib/wrought/network.sh
say "network is on its way"

while :; do
  node --enable-source-maps=false /usr/lib/wrought/agent.mjs
  code=$?
  # The agent ends well only when it was told to leave the machine alone.
  [ "$code" = 0 ] && break
  say "the agent ended with code $code: starting it again"
  sleep 2
done

say "the agent has left this machine alone"
if [ -f /run/wrought-agent/rescue-password ]; then
  /usr/lib/wrought/rescue.sh "$(cat /run/wrought-agent/rescue-password)"
  rm /run/wrought-agent/rescue-password
  say "user rescue may log in"
fi
while :; do sleep 3600; done
