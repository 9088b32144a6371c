#!/bin/sh
# Leaves the ramdisk to a person when the agent has ended: user "rescue" with the password whose hash is given, SSH, logins
# on the consoles, and DHCP anew, because the server moves the machine to the network of its instance now.
hash=$1

# A second name of root: who may rescue the machine may do everything on it.
echo 'rescue:x:0:0:rescue:/root:/bin/sh' >>/etc/passwd
(umask 077 && echo "rescue:$hash:::::::" >/etc/shadow)

# Host keys are made when the first one logs in.
mkdir -p /etc/dropbear
dropbear -R -p 22 || echo "SSH could not be started"

for console in $(cat /sys/class/tty/console/active); do
  # What the kernel calls tty0 is whichever terminal is shown.
  [ "$console" = tty0 ] && console=tty1
  (while :; do
    setsid getty -L 0 "$console" linux
    sleep 1
  done) &
done

# The move may take a while: leases are asked for beside the address that is there, which stays when it is given again.
(
  killall -q udhcpc
  for attempt in 1 2 3 4 5 6 7 8; do
    for path in /sys/class/net/*; do
      [ -e "$path/device" ] && KEEP_ADDRESS=1 udhcpc -n -q -i "${path##*/}" -s /usr/lib/wrought/dhcp.sh -t 2 -T 2 -A 1 >/dev/null 2>&1
    done
    sleep 10
  done
  KEEP_ADDRESS=1 /usr/lib/wrought/network.sh >/dev/null 2>&1
) &
