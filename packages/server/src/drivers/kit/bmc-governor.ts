// One place for each BMC: calls go to it in turn, and a BMC that went silent costs one call at a time and nobody else anything.

/** First pause after a BMC went silent; it doubles with every silent call. */
const FIRST_PAUSE_MILLISECONDS = 10_000;
const LONGEST_PAUSE_MILLISECONDS = 300_000;
/** Weight of the newest call in the mean latency. */
const NEWEST_WEIGHT = 0.2;

export interface BmcCall {
  /** Host and port, or the URL, of the BMC. */
  readonly endpoint: string;
  /** Nobody waits for it, such as the look at a power state: it is left out while the BMC is known to be silent. */
  readonly isBackground: boolean;
  /** Ends the wait for the turn: a call whose time is up then is not made, which says nothing about the BMC. */
  readonly signal?: AbortSignal;
}

/** What is known of a BMC from the calls to it. */
export interface BmcCondition {
  readonly endpoint: string;
  /** Mean time of the calls that were answered; null before the first. */
  readonly latencyMilliseconds: number | null;
  /** Calls under way and waiting. */
  readonly pending: number;
  /** Since when nothing answers (milliseconds since 1970), with the last failure in words; null when it answers. */
  readonly silence: {
    readonly since: number;
    readonly calls: number;
    readonly askedAgainAt: number;
    readonly reason: string;
  } | null;
}

export interface BmcGovernor {
  /**
   * Runs `work`, one piece at a time for each BMC, in the order of asking. A silent BMC fails all that wait for it at once; after
   * that a call in the foreground is tried at any time, and one in the background after a growing pause.
   * @throws what `work` throws; BmcSilentError when it was not tried
   */
  run<Result>(call: BmcCall, work: () => Promise<Result>): Promise<Result>;
  /** Every BMC that was called and is worth remembering. */
  conditions(): readonly BmcCondition[];
}

/** The BMC was not asked, because it was silent just before. */
export class BmcSilentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BmcSilentError';
  }
}

interface Waiting {
  readonly begin: () => void;
  readonly giveUp: (error: BmcSilentError) => void;
}

interface Bmc {
  isBusy: boolean;
  readonly waiting: Waiting[];
  latencyMilliseconds: number | null;
  silence: { since: number; calls: number; askedAgainAt: number; reason: string } | null;
}

export interface BmcGovernorOptions {
  /** Whether an error means that nothing answered, rather than that a BMC refused. */
  readonly isSilence: (error: unknown) => boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

function silentError(endpoint: string, { since, calls, reason }: NonNullable<Bmc['silence']>): BmcSilentError {
  const tries = calls === 1 ? 'one call' : `${calls} calls`;
  return new BmcSilentError(
    `The BMC at ${endpoint} was not asked: it has been silent since ${new Date(since).toISOString()} (${tries}). ${reason}`,
  );
}

/** Makes a governor. */
export function createBmcGovernor({ isSilence, now = Date.now }: BmcGovernorOptions): BmcGovernor {
  const bmcs = new Map<string, Bmc>();

  function bmcAt(endpoint: string): Bmc {
    let bmc = bmcs.get(endpoint);
    if (bmc === undefined) {
      bmc = { isBusy: false, waiting: [], latencyMilliseconds: null, silence: null };
      bmcs.set(endpoint, bmc);
    }
    return bmc;
  }

  function turn(bmc: Bmc): Promise<void> {
    if (!bmc.isBusy) {
      bmc.isBusy = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => bmc.waiting.push({ begin: resolve, giveUp: reject }));
  }

  function next(bmc: Bmc): void {
    const waiting = bmc.waiting.shift();
    if (waiting === undefined) {
      bmc.isBusy = false;
    } else {
      waiting.begin();
    }
  }

  function answered(bmc: Bmc, milliseconds: number): void {
    const before = bmc.latencyMilliseconds ?? milliseconds;
    bmc.latencyMilliseconds = before + NEWEST_WEIGHT * (milliseconds - before);
    bmc.silence = null;
  }

  function wentSilent(endpoint: string, bmc: Bmc, error: unknown): void {
    const calls = (bmc.silence?.calls ?? 0) + 1;
    const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (calls - 1), LONGEST_PAUSE_MILLISECONDS);
    bmc.silence = {
      since: bmc.silence?.since ?? now(),
      calls,
      askedAgainAt: now() + pause,
      reason: error instanceof Error ? error.message : String(error),
    };
    // Whoever waits would only wait for the same silence, one after the other.
    for (const waiting of bmc.waiting.splice(0)) {
      waiting.giveUp(silentError(endpoint, bmc.silence));
    }
  }

  return {
    async run({ endpoint, isBackground, signal }, work) {
      const bmc = bmcAt(endpoint);
      if (isBackground && bmc.silence !== null && now() < bmc.silence.askedAgainAt) {
        throw silentError(endpoint, bmc.silence);
      }
      await turn(bmc);
      if (signal?.aborted) {
        next(bmc);
        throw new BmcSilentError(`The BMC at ${endpoint} was not asked: the calls before this one took all its time.`);
      }
      const begin = performance.now();
      try {
        const result = await work();
        answered(bmc, performance.now() - begin);
        return result;
      } catch (error) {
        if (isSilence(error)) {
          wentSilent(endpoint, bmc, error);
        } else {
          answered(bmc, performance.now() - begin);
        }
        throw error;
      } finally {
        next(bmc);
      }
    },
    conditions: () =>
      [...bmcs].map(([endpoint, { isBusy, waiting, latencyMilliseconds, silence }]) => ({
        endpoint,
        latencyMilliseconds,
        pending: waiting.length + (isBusy ? 1 : 0),
        silence,
      })),
  };
}
