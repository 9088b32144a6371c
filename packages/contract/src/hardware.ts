// What drivers tell of a machine's parts: BIOS settings, firmware components, indicators, virtual media, consoles.
import type { JsonObject } from './objects.ts';

/** A setting of the machine's BIOS; what a BMC does not tell of it is null or absent. */
export interface BiosSetting {
  readonly name: string;
  readonly value: string | null;
  readonly attribute_type?: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password' | null;
  readonly allowable_values?: readonly string[] | null;
  readonly lower_bound?: number | null;
  readonly upper_bound?: number | null;
  readonly min_length?: number | null;
  readonly max_length?: number | null;
  readonly read_only?: boolean | null;
  readonly reset_required?: boolean | null;
  readonly unique?: boolean | null;
}

/** A part with firmware of its own: "bmc", "bios", "nic:ID". */
export interface FirmwareComponent {
  readonly component: string;
  readonly current_version: string;
  /** Set when the version was written by this server. */
  readonly last_version_flashed?: string;
  readonly vendor?: string | null;
  readonly model?: string | null;
  readonly serial_number?: string | null;
}

export const indicatorComponents = ['chassis', 'system', 'disk', 'power', 'nic'] as const;
export type IndicatorComponent = (typeof indicatorComponents)[number];

/** States that a client may ask an indicator for. */
export const indicatorTargets = ['on', 'off', 'blinking'] as const;
export type IndicatorTarget = (typeof indicatorTargets)[number];
export type IndicatorState = IndicatorTarget | 'unknown';

/** A light of a machine; its name is unique among those of its component. */
export interface Indicator {
  readonly name: string;
  readonly component: IndicatorComponent;
  readonly readonly: boolean;
  readonly states: readonly IndicatorState[];
}

export const virtualMediaTypes = ['cdrom', 'disk', 'floppy'] as const;
export type VirtualMediaType = (typeof virtualMediaTypes)[number];

/** An image that a machine is to see as a drive of its own. */
export interface VirtualMedium {
  readonly device_type: VirtualMediaType;
  readonly image_url: string;
  readonly image_download_source: 'http' | 'local' | 'swift';
}

/** Where a console can be reached, such as `{ type: "socat", url: "tcp://..." }`. */
export type ConsoleInfo = JsonObject;
