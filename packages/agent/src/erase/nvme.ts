// NVMe Format through nvme-cli: whether a controller can, and the erasure itself.
import { AgentFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import { isJsonObject } from '../params.ts';
import type { Run } from '../process.ts';

export type NvmeCapabilities = {
  supportsFormat: boolean;
  supportsCryptoErase: boolean;
  /** A format erases all the namespaces of the controller, not the given one alone. */
  formatsAllNamespaces: boolean;
};

// Identify Controller (NVM Express base specification 1.4, figure 247): OACS bit 1, FNA bits 1 and 2.
const OACS_FORMAT = 1 << 1;
const FNA_ERASE_ALL_NAMESPACES = 1 << 1;
const FNA_CRYPTO_ERASE = 1 << 2;
/** Secure Erase Settings of the Format command. */
const SES_USER_DATA = 1;
const SES_CRYPTO = 2;
/** A full user data erase of a large disk. */
const FORMAT_TIMEOUT_SECONDS = 12 * 3600;

/** Reads the output of `nvme id-ctrl --output-format=json`. @throws Error when it is none. */
export function parseNvmeController(output: string): NvmeCapabilities {
  const parsed: unknown = JSON.parse(output);
  if (!isJsonObject(parsed) || typeof parsed.oacs !== 'number' || typeof parsed.fna !== 'number') {
    throw new Error(`nvme id-ctrl answered neither oacs nor fna: ${output.slice(0, 200)}`);
  }
  return {
    supportsFormat: (parsed.oacs & OACS_FORMAT) !== 0,
    supportsCryptoErase: (parsed.fna & FNA_CRYPTO_ERASE) !== 0,
    formatsAllNamespaces: (parsed.fna & FNA_ERASE_ALL_NAMESPACES) !== 0,
  };
}

/**
 * Erases a namespace by a format, by a change of keys where the controller encrypts.
 *
 * @returns false when the controller cannot do that.
 * @throws AgentFailure when it can, but fails.
 */
export async function nvmeSecureErase(run: Run, disk: string, log: Log): Promise<boolean> {
  try {
    const { stdout } = await run('nvme', ['id-ctrl', disk, '--output-format=json']);
    const capabilities = parseNvmeController(stdout);
    if (!capabilities.supportsFormat) return false;
    const settings = capabilities.supportsCryptoErase ? SES_CRYPTO : SES_USER_DATA;
    log.info(`${disk}: NVMe format, ${settings === SES_CRYPTO ? 'cryptographic' : 'user data'} erase`);
    await run('nvme', ['format', disk, `--ses=${settings}`, '--force'], { timeoutSeconds: FORMAT_TIMEOUT_SECONDS });
    return true;
  } catch (error) {
    throw new AgentFailure(
      'BlockDeviceEraseError',
      `NVMe format of ${disk} failed: ${error instanceof Error ? error.message : error}`,
    );
  }
}
