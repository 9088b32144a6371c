# A mechanism driver of Neutron's ML2 for tests: binds ports of bare metal as switches would, and writes down what it is told.
import json
import os
import subprocess

from neutron_lib.api.definitions import portbindings
from neutron_lib import constants
from neutron_lib.plugins.ml2 import api

VNIC_TYPES = ('baremetal', 'smart-nic')


class Driver(api.MechanismDriver):
    # Ports without addresses are bound by drivers of this kind alone.
    connectivity = portbindings.CONNECTIVITY_L2

    def initialize(self):
        self._journal = os.environ['MECHANISM_JOURNAL']
        self._switch = os.environ.get('MECHANISM_SWITCH_FILE')

    def _note(self, what, context):
        port = context.current
        members = ('id', 'status', 'mac_address', portbindings.HOST_ID, portbindings.PROFILE, portbindings.VIF_TYPE)
        with open(self._journal, 'a') as journal:
            journal.write(json.dumps({'what': what, **{name: port.get(name) for name in members}}) + '\n')

    def _plug(self, profile, vlan=None):
        # The file says where the database of an Open vSwitch is, and the VLAN of ports that nothing uses.
        if not self._switch or not os.path.exists(self._switch):
            return
        with open(self._switch) as file:
            place = json.load(file)
        for link in (profile or {}).get('local_link_information') or []:
            tag = vlan or place['idleVlan']
            subprocess.run(
                ['ovs-vsctl', '--db=' + place['database'], 'set', 'port', link['port_id'], 'tag=%d' % tag],
                check=True,
            )

    def create_port_postcommit(self, context):
        self._note('create', context)

    def update_port_postcommit(self, context):
        self._note('update', context)
        before = context.original.get(portbindings.PROFILE)
        if before and not context.current.get(portbindings.PROFILE):
            self._plug(before)

    def delete_port_postcommit(self, context):
        self._note('delete', context)
        self._plug(context.current.get(portbindings.PROFILE))

    def check_segment_for_agent(self, segment, agent):
        # Machines report the physical networks that they are on as bridges, as agents do.
        return segment[api.PHYSICAL_NETWORK] in agent['configurations'].get('bridge_mappings', {})

    def bind_port(self, context):
        port = context.current
        if port[portbindings.VNIC_TYPE] not in VNIC_TYPES:
            return
        links = (port.get(portbindings.PROFILE) or {}).get('local_link_information') or []
        words = [link.get('switch_info') for link in links]
        segment = context.segments_to_bind[0]
        # A port that names no link is no switch's business, unless the network is flat: every machine is on that.
        if not links and segment[api.NETWORK_TYPE] != 'flat':
            return
        # Switches with these names can not, or are not done when they say so.
        if 'refuses' in words:
            return
        self._plug(port.get(portbindings.PROFILE), segment[api.SEGMENTATION_ID])
        status = constants.PORT_STATUS_DOWN if 'slow' in words else constants.PORT_STATUS_ACTIVE
        context.set_binding(segment[api.ID], 'other', {}, status=status)
