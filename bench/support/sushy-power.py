# Asks Redfish services for power and health through sushy, twice: with logins, and with sessions and connections kept.
import json
import resource
import sys
import time

import sushy
from sushy import auth


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


user, password = sys.argv[1:]
urls = sys.stdin.read().split()
systems = {}
told = []
for kind in ("connections and sessions made", "connections and sessions kept"):
    wall, used = time.monotonic(), cpu()
    for url in urls:
        if url not in systems:
            root = sushy.Sushy(url, verify=False, auth=auth.SessionOrBasicAuth(user, password))
            systems[url] = root.get_system("/redfish/v1/Systems/1")
        else:
            systems[url].refresh(force=True)
        system = systems[url]
        if system.power_state is None or system.status.health is None:
            raise SystemExit(f"{url} told nothing")
    told.append({"kind": kind, "wall": time.monotonic() - wall, "cpu": cpu() - used})
json.dump(told, sys.stdout)
