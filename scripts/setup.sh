#!/bin/sh
# Makes a fresh Debian 12 machine ready: the npm packages of the lock file, and the Debian packages that are missing.
# Usage: scripts/setup.sh npm | debian LIST...   (a LIST is a file scripts/packages-LIST.txt, one package a line)
set -eu
cd "$(dirname "$0")/.."

npm_packages() {
  if [ -f node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.ready ]; then
    return
  fi
  command -v npm >/dev/null || {
    echo "npm is missing: install Node.js with npm (Debian: apt-get install nodejs npm), then run make again." >&2
    exit 1
  }
  echo "Installing the npm packages of package-lock.json ..."
  # Not `npm ci`: it refuses a lock file without the entries of other platforms' optional packages, and registries need
  # not carry those. This installs exactly what the lock file says and leaves it as it is.
  npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
  touch node_modules/.ready
}

debian_packages() {
  missing=""
  for list in "$@"; do
    for package in $(grep -v '^#' "scripts/packages-$list.txt"); do
      case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" in
        ii*) ;;
        *) missing="$missing $package" ;;
      esac
    done
  done
  [ -z "$missing" ] && return
  if [ "$(id -u)" != 0 ]; then
    echo "These Debian packages are missing and only root may install them:$missing" >&2
    echo "Run: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  echo "Installing Debian packages:$missing"
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # An agent of the distribution must not start daemons of packages that only the tests start by themselves.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  # shellcheck disable=SC2086
  if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get failed; the packages wanted are:$missing" >&2
    exit 1
  fi
  rm -f "$log"
}

what=$1
shift
case "$what" in
  npm) npm_packages ;;
  debian) debian_packages "$@" ;;
  *)
    echo "usage: $0 npm | debian LIST..." >&2
    exit 2
    ;;
esac
