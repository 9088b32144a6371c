#!/bin/sh
# Called by udhcpc: applies a lease to an interface. $interface, $ip, $mask, $router, ... are in the environment.
case "$1" in
  deconfig)
    # With KEEP_ADDRESS a lease is only looked for: what is there goes when another one is found.
    [ -n "$KEEP_ADDRESS" ] || ip address flush dev "$interface" scope global
    ip link set "$interface" up
    ;;
  bound | renew)
    [ -n "$mtu" ] && ip link set "$interface" mtu "$mtu"
    if ! ip -4 -o address show dev "$interface" scope global | grep -qF " $ip/$mask "; then
      ip -4 address flush dev "$interface" scope global
      echo "DHCP: $interface has $ip/$mask" >/dev/console
    fi
    ip address replace "$ip/$mask" dev "$interface"
    metric=$((100 + $(cat "/sys/class/net/$interface/ifindex")))
    for gateway in $router; do
      ip route replace default via "$gateway" dev "$interface" metric "$metric"
    done
    if [ -n "$dns" ]; then
      : >"/run/resolv.$interface"
      [ -n "$domain" ] && echo "search $domain" >>"/run/resolv.$interface"
      for server in $dns; do echo "nameserver $server" >>"/run/resolv.$interface"; done
      cat /run/resolv.* >/etc/resolv.conf
    fi
    ;;
esac
