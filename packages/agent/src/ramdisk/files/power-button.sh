#!/bin/sh
# Called by acpid when the power button is pressed.
echo "power button: powering off" >/dev/console
sync
poweroff -f
