# Drives a Redfish service with Debian's python3-sushy, the library by which Ironic speaks Redfish; prints what it saw as JSON.
# Usage: sushy-drive.py URL USER PASSWORD CA-FILE IMAGE-URL
import json
import sys
import time

import sushy
import sushy.main
from sushy import auth

url, user, password, ca, image = sys.argv[1:6]
seen = {}
# Debian's package comes without the standard registries that sushy wants to read.
sushy.main.Sushy._get_standard_message_registry_collection = lambda self: []


def until(what, check):
    """Waits until a check holds, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while not check():
        if time.monotonic() > deadline:
            raise SystemExit(f'{what} did not happen')
        time.sleep(0.05)


conn = sushy.Sushy(url, verify=ca, auth=auth.SessionAuth(user, password))
seen['version'] = conn.redfish_version
system = conn.get_system()
seen['identity'] = [system.manufacturer, system.uuid, system.system_type.value, system.status.health.value]

# Power and reset.
seen['reset types'] = sorted(each.value for each in system.get_allowed_reset_system_values())
states = []
for reset in (sushy.RESET_TYPE_ON, sushy.RESET_TYPE_FORCE_RESTART, sushy.RESET_TYPE_FORCE_OFF, sushy.RESET_TYPE_ON,
              sushy.RESET_TYPE_GRACEFUL_SHUTDOWN):
    system.reset_system(reset)
    system.refresh()
    states.append(system.power_state.value)
seen['power'] = states

# Boot device, for once and for ever, and boot mode.
boots = []
wanted = [(sushy.BOOT_SOURCE_TARGET_PXE, sushy.BOOT_SOURCE_ENABLED_ONCE),
          (sushy.BOOT_SOURCE_TARGET_HDD, sushy.BOOT_SOURCE_ENABLED_CONTINUOUS),
          (sushy.BOOT_SOURCE_TARGET_CD, sushy.BOOT_SOURCE_ENABLED_ONCE)]
for target, enabled in wanted:
    try:
        system.set_system_boot_options(target, enabled=enabled)
    except sushy.exceptions.BadRequestError as error:
        boots.append(error.body['@Message.ExtendedInfo'][0]['MessageId'].split('.')[-1])
        continue
    system.refresh()
    boots.append([system.boot.target.value, system.boot.enabled.value])
system.reset_system(sushy.RESET_TYPE_ON)
system.refresh()
boots.append(system.boot.enabled.value)
seen['boot'] = boots
if system.boot.mode is not None:
    try:
        system.set_system_boot_options(mode=sushy.BOOT_SOURCE_MODE_UEFI)
        seen['mode'] = system.boot.mode.value
    except sushy.exceptions.BadRequestError as error:
        seen['mode'] = error.body['@Message.ExtendedInfo'][0]['MessageId'].split('.')[-1]

# Virtual media, at the manager: this sushy knows no other place.
manager = conn.get_manager()
seen['manager'] = [manager.firmware_version, manager.manager_type.value]
drives = manager.virtual_media.get_members()
drive = next(each for each in drives if sushy.VIRTUAL_MEDIA_CD in each.media_types)
drive.insert_media(image)
drive.refresh()
inserted = [drive.inserted, drive.image]
drive.eject_media()
drive.refresh()
seen['media'] = inserted + [drive.inserted]

# BIOS attributes: they wait for the machine to boot.
bios = system.bios
name, value = next((n, v) for n, v in bios.attributes.items() if v in ('Enabled', 'Enable'))
other = {'Enabled': 'Disabled', 'Enable': 'Disable'}[value]
apply_times = bios.supported_apply_times or []
bios.set_attribute(name, other, apply_times[0] if apply_times else None)
bios.refresh()
before = bios.attributes[name]
pending = bios.pending_attributes.get(name)
system.reset_system(sushy.RESET_TYPE_FORCE_RESTART)
bios.refresh()
seen['bios'] = [before == value, pending == other, bios.attributes[name] == other]
try:
    bios.set_attribute('Nonsense', 'x')
    seen['bios error'] = None
except sushy.exceptions.HTTPError as error:
    seen['bios error'] = error.status_code
registry = bios.get_attribute_registry()
seen['registry'] = any(entry.name == name for entry in registry.registry_entries.attributes)
bios.reset_bios()
system.reset_system(sushy.RESET_TYPE_FORCE_RESTART)
bios.refresh()
seen['bios reset'] = bios.attributes[name] == value

# Secure boot.
secure = system.secure_boot
secure.set_enabled(True)
system.reset_system(sushy.RESET_TYPE_FORCE_RESTART)
secure.refresh()
secure_states = [secure.enabled, secure.current_boot.value]
secure.reset_keys(sushy.SECURE_BOOT_RESET_KEYS_DELETE_ALL)
secure.refresh()
seen['secure boot'] = secure_states + [secure.mode.value]

# Light.
chassis = conn.get_chassis()
try:
    system.set_indicator_led(sushy.IndicatorLED.BLINKING)
    system.refresh()
    chassis.refresh()
    seen['light'] = [system.indicator_led.value, chassis.indicator_led.value]
except sushy.exceptions.HTTPError as error:
    # This sushy sends no If-Match with a light.
    seen['light'] = error.status_code

# Hardware.
seen['hardware'] = [len(system.processors.get_members()), system.memory_summary.size_gib > 0,
                    len(system.ethernet_interfaces.get_members()), sorted(system.ethernet_interfaces.summary)]
try:
    seen['sensors'] = [t.reading_celsius for t in chassis.thermal.temperatures] + [chassis.power.power_supplies[0].name]
except sushy.exceptions.MissingAttributeError:
    seen['sensors'] = None

# Storage, and a volume where the model has such.
storages = system.storage.get_members()
seen['drives'] = [len(each.drives) for each in storages]
storage = storages[0]
try:
    volumes = storage.volumes
except sushy.exceptions.MissingAttributeError:
    volumes = None
if volumes is not None:
    links = [{'@odata.id': each.path} for each in storage.drives[:2]]
    volumes.create({'RAIDType': 'RAID1', 'Links': {'Drives': links}})
    until('the volume', lambda: volumes.refresh() or len(volumes.members_identities) == 1)
    volume = volumes.get_member(volumes.members_identities[0])
    made = [volume.raid_type.value, volume.capacity_bytes > 0]
    volume.delete()
    until('the deletion', lambda: volumes.refresh() or len(volumes.members_identities) == 0)
    seen['volume'] = made

# Firmware: the version counts after the task, and after a boot.
service = conn.get_update_service()
seen['inventory'] = len(service.firmware_inventory.get_members())
bios_item = next(each for each in service.firmware_inventory.get_members()
                 if each.updateable and ('BIOS' in each.identity + each.name or 'UEFI' in each.identity
                                         or 'bios' in each.identity or 'System ROM' in each.name))
monitor = service.simple_update(image, targets=[bios_item.path])
# This sushy follows the task, not its monitor, and a task answers 200 from the beginning.
task = monitor.get_task()
until('the update', lambda: task.refresh() or task.task_state == sushy.TASK_STATE_COMPLETED)
system.reset_system(sushy.RESET_TYPE_FORCE_RESTART)
bios_item.refresh()
seen['firmware'] = bios_item.version

# Sessions, tasks, events, registries.
sessions = conn.get_session_service().sessions.get_members()
seen['sessions'] = [each.username for each in sessions]
seen['tasks'] = len(conn.get_task_service().tasks.get_members()) > 0
events = conn.get_event_service()
subscription = events.subscriptions.create({'Destination': 'http://127.0.0.1:9/', 'Protocol': 'Redfish', 'Context': 'x'})
seen['subscriptions'] = [each.destination for each in events.subscriptions.get_members()]
seen['registries'] = 'Base' in {each.registry_prefix for each in conn.registries.values() if hasattr(each, 'registry_prefix')}

conn._auth.close()
print(json.dumps(seen))
