// Which values of a service tell who it is, and which are secrets: by the names of their properties.

/** What a value tells of the machine or of people. */
export type Kind =
  | 'serial number'
  | 'MAC address'
  | 'UUID'
  | 'host name'
  | 'IP address'
  | 'user name'
  | 'asset tag'
  | 'identifier'
  | 'address'
  | 'place';

/** Names of properties, of the schemas and of manufacturers. */
const kindsOfNames: readonly (readonly [pattern: RegExp, kind: Kind])[] = [
  // Dell has the service tag in SKU.
  [/serial_?(number|num|no)$|service_?tag$|express_?service_?code$|^SKU$|^NodeID$|^SystemID$/i, 'serial number'],
  [/asset_?tag$/i, 'asset tag'],
  [/^(UUID|GUID)$|(UUID|GUID)$/i, 'UUID'],
  [/^(PermanentMACAddress|MACAddress)$|mac_?address(es)?$|^(Associated|Permanent)\w*Addresses?$/i, 'MAC address'],
  [
    /host_?name$|^FQDN$|domain_?name$|^CommonName$|^AlternativeNames$|name_?servers?$|NTP_?Servers$|dns_?name$/i,
    'host name',
  ],
  [/^user_?name$|user_?name$|^(CreatedBy|Originator|Email|EmailAddress|ContactName|RemoteUser)$/i, 'user name'],
  [/^(DurableName|WW[NP]N|WWN|NQN|IQN|InitiatorName|TargetName|EntitlementId|Fingerprint|Thumbprint)$/i, 'identifier'],
  [
    /^(PostalAddress|Placement|Contacts|Longitude|Latitude|Organization|OrganizationalUnit|City|Street|Room|Building|Rack\w*|Row)$/i,
    'place',
  ],
  [/^(Image|Destination|ImageURI|HttpBootUri|ServerURI|ServiceAddresses|ShareName|RemoteServer)$/i, 'address'],
];

export const kindOfName = (name: string): Kind | undefined => kindsOfNames.find(([pattern]) => pattern.test(name))?.[1];

const secretNames =
  /(password|passphrase|passcode|secret|token|(private|shared|api|session|authentication|encryption|license|privacy|bmc)_?key|key_?string|community_?strings?|community_?names?|csr_?string|certificate_?string|http_?headers|authorization)$/i;

/** Whether a property holds what nobody may have. Certificates are no secret, but tell whom they are for. */
export const isSecretName = (name: string): boolean => secretNames.test(name);

/** Values that stand in many machines, in place of one. */
const placeholders =
  /^(|0+|none|n\/?a|null|unknown|unspecified|default string|not (specified|available|set)|to be filled by o\.?e\.?m\.?|[.\-_ x*]+|localhost|0\.0\.0\.0|::)$/i;

export const isPlaceholder = (value: string): boolean => placeholders.test(value.trim());
