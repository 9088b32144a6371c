// What command lines with sections know, as data: Cisco IOS and NX-OS, Arista EOS, Dell OS10, AOS-CX.

/** A line that an interface may have. */
export interface LineRule {
  /** What it is about; the value follows. A line that begins with "no" and this removes it. */
  readonly key: string;
  /** A list of VLANs that grows with each line, and from which "no" takes. */
  readonly isList?: true;
  /** Lines that are gone when this one comes. */
  readonly clears?: readonly string[];
  /** What is so by itself, and so is not shown. */
  readonly hidden?: readonly string[];
  /** Its "no" names the value as well. */
  readonly noHasValue?: true;
  /** It has no value, and its "no" is shown. */
  readonly isBare?: true;
  /** More VLANs come in lines with "add", which it also shows where they do not go into one of about 80 characters. */
  readonly hasAdd?: true;
  /** A line that has to be there before this one is taken. */
  readonly needs?: { readonly line: string; readonly value: string; readonly refusal: string };
}

export interface SectionedDialect {
  readonly configure: readonly string[];
  readonly show: RegExp;
  readonly save: string;
  readonly prepare: readonly string[];
  readonly needsEnable: boolean;
  readonly group: RegExp;
  readonly rules: readonly LineRule[];
  readonly invalid: string;
  readonly heading: readonly string[];
  /** What the prompt names in the section of an interface. */
  readonly section: (name: string) => string;
  /** What is said where members of a group are to be partly of LACP; null: members do not say. */
  readonly mixedGroup: string | null;
  /** What the first save asks. */
  readonly saveQuestion?: string;
}

const switchportRules = (hidden: {
  mode: boolean;
  vlan: boolean;
  modeNeeds?: LineRule['needs'];
}): readonly LineRule[] => [
  { key: 'switchport access vlan', hidden: hidden.vlan ? ['switchport access vlan 1'] : [] },
  {
    key: 'switchport mode',
    hidden: hidden.mode ? ['switchport mode access'] : [],
    ...(hidden.modeNeeds === undefined ? {} : { needs: hidden.modeNeeds }),
  },
  { key: 'switchport trunk native vlan', hidden: hidden.vlan ? ['switchport trunk native vlan 1'] : [] },
];

const common = [{ key: 'description' }, { key: 'shutdown' }, { key: 'channel-group' }] as const;
const ciscoLines = { key: 'switchport trunk allowed vlan', isList: true, hasAdd: true } as const;
const withIsl = {
  line: 'switchport trunk encapsulation dot1q',
  value: 'trunk',
  refusal: 'Command rejected: An interface whose trunk encapsulation is "Auto" can not be configured to "trunk" mode.',
} as const;
const bareSwitchport = { key: 'switchport', hidden: ['switchport'], isBare: true } as const;

const cisco = {
  configure: ['configure terminal'],
  show: /^show running-config interface (.+)$/i,
  save: 'write memory',
  prepare: ['terminal length 0', 'terminal width 511'],
  needsEnable: true,
  group: /^port-channel\d+$/i,
  rules: [...common, ...switchportRules({ mode: false, vlan: true }), ciscoLines],
  invalid: "% Invalid input detected at '^' marker.",
  section: () => 'config-if',
  mixedGroup: 'Command rejected (Port-channel): Invalid etherchnl mode',
  heading: ['Building configuration...', '', 'Current configuration : 84 bytes', '!'],
} as const satisfies SectionedDialect;

/** By the name of the profile that speaks to them. */
export const sectionedDialects = {
  'cisco-ios': {
    ...cisco,
    rules: [
      ...common,
      ...switchportRules({ mode: false, vlan: true, modeNeeds: withIsl }),
      { key: 'switchport trunk encapsulation' },
      ciscoLines,
    ],
    saveQuestion: 'Overwrite the previous NVRAM configuration?[confirm]',
  },
  'cisco-nxos': {
    ...cisco,
    save: 'copy running-config startup-config',
    needsEnable: false,
    rules: [...common, bareSwitchport, ...switchportRules({ mode: true, vlan: true }), ciscoLines],
    heading: ['', '!Command: show running-config interface', '!Running configuration', ''],
    mixedGroup: 'command failed: port not compatible [channel mode]',
  },
  'arista-eos': {
    ...cisco,
    configure: ['configure', 'configure terminal'],
    save: 'copy running-config startup-config',
    section: (name) => `config-if-${name.replace('Ethernet', 'Et').replace('Port-Channel', 'Po')}`,
    mixedGroup: '% Cannot change mode; remove all members and try again.',
    rules: [...common, bareSwitchport, ...switchportRules({ mode: true, vlan: true }), ciscoLines],
    invalid: '% Invalid input',
    heading: [],
  },
  'dell-os10': {
    ...cisco,
    show: /^show running-configuration interface (.+)$/i,
    prepare: ['terminal length 0'],
    needsEnable: false,
    rules: [
      ...common,
      ...switchportRules({ mode: false, vlan: false }),
      { key: 'switchport trunk allowed vlan', isList: true },
    ],
    invalid: '% Error: Unrecognized command.',
    section: (name) => `conf-if-${name.replace('ethernet', 'eth').replace('port-channel', 'po-')}`,
    mixedGroup: '% Error: Mode does not match that of the port channel.',
    heading: ['!'],
  },
  'aruba-aoscx': {
    ...cisco,
    prepare: ['no page'],
    needsEnable: false,
    group: /^lag \d+$/i,
    section: (name) => (name.startsWith('lag') ? 'config-lag-if' : 'config-if'),
    mixedGroup: null,
    rules: [
      { key: 'description' },
      { key: 'shutdown' },
      { key: 'routing' },
      { key: 'lag', clears: ['vlan access', 'vlan trunk native', 'vlan trunk allowed'] },
      { key: 'lacp mode', noHasValue: true },
      { key: 'vlan access', clears: ['vlan trunk native', 'vlan trunk allowed'] },
      { key: 'vlan trunk native', clears: ['vlan access'] },
      { key: 'vlan trunk allowed', isList: true, clears: ['vlan access'] },
    ],
    invalid: 'Invalid input: ',
    heading: [],
  },
} as const satisfies Readonly<Record<string, SectionedDialect>>;
