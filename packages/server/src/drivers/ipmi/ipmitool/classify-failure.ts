// Understands what ipmitool says when a command fails: what kind of failure it is, and what to tell the operator.
import { advice, type Failure, type FailureKind } from '../failure.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly kind: FailureKind;
  readonly advice: string;
}

/** The first rule that matches counts. */
const rules: readonly Rule[] = [
  { pattern: /RAKP 2 HMAC is invalid|RAKP 4 message has invalid integrity/i, kind: 'final', advice: advice.password },
  { pattern: /unauthorized name/i, kind: 'final', advice: advice.user },
  {
    pattern:
      /insufficient resources for session|Node busy|BMC initialization in progress|Out of space|SDR.*update mode/i,
    kind: 'retry',
    advice: advice.busy,
  },
  {
    pattern:
      /invalid (authentication|integrity|confidentiality) algorithm|no (matching )?cipher suite|no matching (authentication|integrity)/i,
    kind: 'cipher',
    advice: advice.cipher,
  },
  {
    pattern: /(unauthorized|invalid|insufficient) (role|privilege)|privilege level|privileges? (is )?insufficient/i,
    kind: 'final',
    advice: advice.privilege,
  },
  { pattern: /RAKP \d message .*(error|invalid)|RAKP \d .*invalid/i, kind: 'final', advice: advice.password },
  {
    pattern: /Activate Session command failed|Get Session Challenge.*(fail|invalid)|Invalid user name/i,
    kind: 'final',
    advice:
      'The BMC refused user or password. Check driver_info/ipmi_username, ipmi_password and ipmi_protocol_version.',
  },
  {
    pattern: /Address lookup for .* failed|Could not open socket|Invalid or non-existent host/i,
    kind: 'final',
    advice: advice.address,
  },
  {
    pattern: /Get Auth Capabilities error|Error issuing Get Channel Authentication Capabilities/i,
    kind: 'silence',
    advice: advice.silence,
  },
  {
    pattern:
      /Invalid command|Invalid data field|Parameter out of range|not supported in present state|Command illegal|Insufficient privilege|Unspecified error|Invalid channel|completion code/i,
    kind: 'refused',
    advice: advice.refused,
  },
  {
    pattern: /Request Match NOT FOUND/i,
    kind: 'retry',
    advice:
      'The BMC answered so late that its answer was taken for another one. It is slow or busy; a larger ipmi.min_command_interval gives it more time.',
  },
  { pattern: /Timeout|No response|no reply|Unable to send command/i, kind: 'silence', advice: advice.silence },
  { pattern: /Unable to establish/i, kind: 'cipher or silence', advice: advice.silence },
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
