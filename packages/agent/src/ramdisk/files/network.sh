#!/bin/sh
# Sets the network up as the boot medium says; without a word from it, starts DHCP: on the interface that booted when
# BOOTIF= names it, and on all others that have a link.

boot_mac=$(cat /proc/cmdline /run/parameters.txt 2>/dev/null | tr ' ' '\n' | sed -n 's/^BOOTIF=//p' | tail -n1 | tr 'A-Z-' 'a-z:' | sed 's/^01:\(..:..:..:..:..:..\)$/\1/')

start_dhcp() {
  # Goes on in the background until a server answers, and renews the lease.
  udhcpc -b -i "$1" -s /usr/lib/wrought/dhcp.sh -t 5 -T 2 -A 5 -x hostname:wrought-agent >/dev/null ||
    echo "DHCP on $1 could not be started"
}

network_data=/etc/wrought/network_data.json
if [ -f "$network_data" ]; then
  # Without the bond that the module makes by itself.
  modprobe -q bonding max_bonds=0
  modprobe -q 8021q
  if names=$(node --enable-source-maps=false /usr/lib/wrought/agent.mjs network "$network_data"); then
    echo "the network is set up as the boot medium says"
    for name in $names; do
      start_dhcp "$name" &
    done
    exit
  fi
  echo "the network could not be set up as the boot medium says; DHCP is asked"
fi

rest=''
for path in /sys/class/net/*; do
  [ -e "$path/device" ] || continue
  name=${path##*/}
  ip link set "$name" up
  if [ "$(cat "$path/address")" = "$boot_mac" ]; then
    echo "DHCP on $name, which booted"
    start_dhcp "$name"
  else
    rest="$rest $name"
  fi
done
for name in $rest; do
  start_dhcp "$name" &
done
# Without a boot interface all are asked at once, and the agent waits for the server to be reachable.
[ -n "$boot_mac" ] || wait
