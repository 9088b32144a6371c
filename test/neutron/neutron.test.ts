// Everything that a real Neutron is needed for, room by room in one process: its start takes longer than most of them.
import './rooms/phases.ts';
import './rooms/phase-failures.ts';
import './rooms/vifs.ts';
import './rooms/carriers.ts';
import './rooms/hosts.ts';
import './rooms/smart-nics.ts';
import './rooms/traits.ts';
import './rooms/addresses.ts';
import './rooms/outage.ts';
import './rooms/crash.ts';
