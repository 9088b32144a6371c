// What Wrought wants of whoever answers DHCP: offer boot files to machines that shall boot from the network, and to no others.

/** What one machine is offered when its firmware asks. */
export interface BootOffer {
  /** URL of the script for a firmware that is iPXE already; null: it gets the loaders below like any other. */
  readonly ipxeScriptUrl: string | null;
  /** How the firmware of the machine boots, where that is known before it asks. */
  readonly bootMode: 'bios' | 'uefi';
  /** File names under the TFTP root. */
  readonly biosBootFile: string;
  readonly uefiBootFile: string;
  /** URL of the UEFI loader, for firmware that boots over HTTP; null: not offered. */
  readonly uefiHttpUrl: string | null;
  /** Address of the TFTP server. */
  readonly tftpServer: string;
}

/** Something that a machine did, seen from DHCP or TFTP. */
export interface DhcpEvent {
  readonly kind: 'dhcp' | 'tftp';
  /** MAC in lower case with colons. */
  readonly address: string;
  readonly severity: 'info' | 'warning';
  readonly message: string;
  readonly ip: string | null;
}

export interface DhcpProvider {
  /** As in dhcp.dhcp_provider. */
  readonly name: 'dnsmasq' | 'external' | 'neutron' | 'none';
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The machine is offered these boot files from now on. Safe to repeat. */
  offerBoot(address: string, offer: BootOffer): Promise<void>;
  /** The machine still gets an address, but nothing to boot. Safe to repeat. */
  withdrawBoot(address: string): Promise<void>;
  onEvent(listener: (event: DhcpEvent) => void): void;
}
