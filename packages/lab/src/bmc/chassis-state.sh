#!/bin/sh
# The program that ipmi_sim runs for power and boot device of a BMC without a machine: it keeps them in files of a folder.
# Usage: chassis-state.sh FOLDER get NAME... | FOLDER set NAME VALUE...
set -eu
folder=$1
operation=$2
shift 2
case "$operation" in
  get)
    for name; do
      printf '%s:%s\n' "$name" "$(cat "$folder/$name")"
    done
    ;;
  set)
    name=$1
    shift
    echo "$*" >"$folder/$name"
    ;;
  *)
    echo "operation $operation is unknown"
    exit 1
    ;;
esac
