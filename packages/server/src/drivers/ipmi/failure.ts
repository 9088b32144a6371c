// Understands what ipmitool says when a command fails: what kind of failure it is, and what to tell the operator.

/**
 * `retry`: the BMC is busy and may answer later. `silence`: nothing answered. `cipher`: it refuses the cipher suite. `cipher or silence`: the
 * session opening was met with silence, which some BMCs answer an unknown suite with. `refused`: the BMC does not do the
 * command. `final`: no session can be had, and trying again would not help.
 */
export type FailureKind = 'retry' | 'silence' | 'cipher' | 'cipher or silence' | 'refused' | 'final';

export interface Failure {
  readonly kind: FailureKind;
  /** What the BMC (or ipmitool) said, as one line. */
  readonly answer: string;
  /** What it means and what to do. */
  readonly advice: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly kind: FailureKind;
  readonly advice: string;
}

const password =
  'The BMC refused the password. Check driver_info/ipmi_password (and ipmi_hex_kg_key, if the BMC uses one).';
const user =
  'The BMC does not know the user. Check driver_info/ipmi_username, and that the user may use IPMI over LAN.';
const busy = 'The BMC is busy. If it stays so, look for other sessions on it, or reset the BMC.';
const silent =
  'Nothing answered. Check driver_info/ipmi_address and ipmi_port, the management network, and that IPMI over LAN is switched on.';

/** The first rule that matches counts. */
const rules: readonly Rule[] = [
  { pattern: /RAKP 2 HMAC is invalid|RAKP 4 message has invalid integrity/i, kind: 'final', advice: password },
  { pattern: /unauthorized name/i, kind: 'final', advice: user },
  {
    pattern:
      /insufficient resources for session|Node busy|BMC initialization in progress|Out of space|SDR.*update mode/i,
    kind: 'retry',
    advice: busy,
  },
  {
    pattern:
      /invalid (authentication|integrity|confidentiality) algorithm|no (matching )?cipher suite|no matching (authentication|integrity)/i,
    kind: 'cipher',
    advice:
      'The BMC refused the cipher suite. Set driver_info/ipmi_cipher_suite to one that it has (3 or 17), or ipmi.cipher_suite_versions for all.',
  },
  {
    pattern: /(unauthorized|invalid|insufficient) (role|privilege)|privilege level|privileges? (is )?insufficient/i,
    kind: 'final',
    advice: 'The user has not the privilege. Check driver_info/ipmi_priv_level and the rights of the user on the BMC.',
  },
  { pattern: /RAKP \d message .*(error|invalid)|RAKP \d .*invalid/i, kind: 'final', advice: password },
  {
    pattern: /Activate Session command failed|Get Session Challenge.*(fail|invalid)|Invalid user name/i,
    kind: 'final',
    advice:
      'The BMC refused user or password. Check driver_info/ipmi_username, ipmi_password and ipmi_protocol_version.',
  },
  {
    pattern: /Address lookup for .* failed|Could not open socket|Invalid or non-existent host/i,
    kind: 'final',
    advice: 'The address can not be resolved. Check driver_info/ipmi_address and the name service.',
  },
  {
    pattern: /Get Auth Capabilities error|Error issuing Get Channel Authentication Capabilities/i,
    kind: 'silence',
    advice: silent,
  },
  {
    pattern:
      /Invalid command|Invalid data field|Parameter out of range|not supported in present state|Command illegal|Insufficient privilege|Unspecified error|Invalid channel|completion code/i,
    kind: 'refused',
    advice:
      'The BMC answered, but refused the command. Its manual says which commands it takes; a newer firmware may help.',
  },
  {
    pattern: /Request Match NOT FOUND/i,
    kind: 'retry',
    advice:
      'The BMC answered so late that its answer was taken for another one. It is slow or busy; a larger ipmi.min_command_interval gives it more time.',
  },
  { pattern: /Timeout|No response|no reply|Unable to send command/i, kind: 'silence', advice: silent },
  { pattern: /Unable to establish/i, kind: 'cipher or silence', advice: silent },
];

const unknown: Pick<Rule, 'kind' | 'advice'> = {
  kind: 'final',
  advice: 'Run the same ipmitool command by hand to see more.',
};

/** Lines that ipmitool prints with -v whatever happens, and those that repeat a raw command. */
const noise =
  /^(Loading IANA|Running Get VSO|Discovered IPMB|Invalid completion code received: Invalid command|Unable to Get Channel Cipher Suites|Using best available cipher suite|RAW REQ|RAW RSP|([0-9a-f]{2} ?)+$)/;

/** Where a raw command went; it tells what the command was. */
const rawDestination = / \(channel=\S+ netfn=\S+ lun=\S+ cmd=\S+( rsp=\S+)?\)/;

/** What ipmitool printed, without noise and repetition, as one line. */
export function answerOf(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim().replace(/^> /, '').replace(rawDestination, ''))
    .filter((line) => line !== '' && !noise.test(line));
  // The general complaint says nothing when a reason stands before it.
  const reasons = lines.filter((line) => !/^Error: Unable to establish/.test(line));
  return [...new Set(reasons.length > 0 ? reasons : lines)].join('; ').slice(0, 500);
}

/** Classifies the output of a command that failed. */
export function classifyFailure(output: string): Failure {
  const answer = answerOf(output);
  const rule = rules.find((each) => each.pattern.test(answer)) ?? unknown;
  return { kind: rule.kind, answer: answer === '' ? 'nothing' : answer, advice: rule.advice };
}
