// A session with one BMC: logs in when it is needed, asks one thing at a time, and finds out when the BMC lost it.
import {
  authenticationType,
  checkV15Code,
  closeSession,
  type DecodedV20,
  networkFunction,
  payloadType,
  type V15Packet,
} from '../codec/index.ts';
import type { Connection, Request, RequestOptions } from '../connection.ts';
import { ClosedError, IpmiError, SessionLostError, TimeoutError } from '../errors.ts';
import { ActiveV15, ActiveV20, type Opened } from './active.ts';
import { Budget } from './budget.ts';
import { type KnownLogin, loginV20 } from './choose-suite.ts';
import { Conversation } from './conversation.ts';
import { peerName } from './exchange.ts';
import { loginV15 } from './login-v15.ts';
import { type ResolvedOptions, resolveOptions, type SessionOptions } from './options.ts';
import { resolvePeer } from './peer.ts';
import { askOnce, type Errand, type Limits, nameOf, perform, raisePrivilege } from './perform.ts';
import { onlyReads } from './repeatable.ts';
import { type BridgeTarget, encodeRequest } from './route.ts';
import type { Timed, TimerWheel } from './timer-wheel.ts';
import type { Transport } from './transport.ts';
import { Turns } from './turns.ts';

/** Part of a request's time after which silence in a session that worked before may mean that the BMC lost it. */
const lossShare = 0.5;
const closeMilliseconds = 1000;
const consoleKeepAliveMilliseconds = 20_000;
/** Get Device ID, which every BMC answers. */
const keepAlive: Errand = {
  request: { netFn: networkFunction.application, command: 0x01 },
  target: undefined,
  repeatable: true,
};

/** Gets the SOL payloads of a session, and learns of its end. */
export interface PayloadReceiver {
  receive(payload: Buffer): void;
  lost(reason: Error): void;
}

export class Session extends Conversation implements Connection, Timed {
  expiresAt = 0;
  slot = -1;
  readonly #options: ResolvedOptions;
  readonly #keepAlives: TimerWheel;
  readonly #turns = new Turns();
  #active: ActiveV20 | ActiveV15 | undefined;
  /** What the last login needed. */
  #known: KnownLogin | undefined;
  #lastHeard = 0;
  #closed = false;
  #payloads: PayloadReceiver | undefined;

  readonly #onClosed: (session: Session) => void;

  constructor(
    transport: Transport,
    keepAlives: TimerWheel,
    options: SessionOptions,
    onClosed: (session: Session) => void,
  ) {
    super(transport);
    this.#options = resolveOptions(options);
    this.#keepAlives = keepAlives;
    this.#onClosed = onClosed;
  }

  /** The address for people. */
  get address(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }

  /** The cipher suite of the last login; undefined before, and with IPMI 1.5. */
  get suite(): number | undefined {
    return this.#known?.suite;
  }

  get open(): boolean {
    return this.#active !== undefined;
  }

  request(request: Request, options: RequestOptions = {}): Promise<Buffer> {
    return this.#perform(request, options, undefined);
  }

  /** Requests to a controller behind the BMC, in the same session. */
  bridge(target: BridgeTarget): Connection {
    return { request: (request, options = {}) => this.#perform(request, options, target) };
  }

  /** Logs in now rather than with the first request; does nothing when the session is open. */
  async login(options: Pick<RequestOptions, 'signal' | 'timeout'> = {}): Promise<void> {
    await this.#inTurn(options.signal, () => this.#ensureOpen(this.#limits(options)));
  }

  /** Ends the session at the BMC if it answers, and here in any case. What waits for an answer fails. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#keepAlives.cancel(this);
    const reason = new ClosedError(`session with ${this.address}: closed`);
    this.giveUp(reason);
    await this.#turns.take();
    try {
      await this.#endActive(reason, true);
    } finally {
      this.leave();
      this.#turns.give();
      this.#onClosed(this);
    }
  }

  #limits(options: Pick<RequestOptions, 'signal' | 'timeout'>): Limits {
    return { budget: new Budget(options.timeout ?? this.#options.timeout), signal: options.signal };
  }

  async #inTurn<T>(signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
    this.#checkNotClosed();
    await this.#turns.take(signal);
    try {
      this.#checkNotClosed();
      return await act();
    } finally {
      this.#turns.give();
    }
  }

  #checkNotClosed(): void {
    if (this.#closed) throw new ClosedError(`session with ${this.address}: closed`);
  }

  #perform(request: Request, options: RequestOptions, target: BridgeTarget | undefined): Promise<Buffer> {
    return this.#inTurn(options.signal, async () => {
      const limits = this.#limits(options);
      const repeatable = options.repeatable ?? onlyReads(request.netFn, request.command, request.data);
      const errand = { request, target, repeatable };
      const { active, fresh } = await this.#ensureOpen(limits);
      if (fresh) return perform(this, active, errand, limits);
      try {
        return await perform(this, active, errand, { ...limits, budget: limits.budget.part(lossShare) });
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        return this.#afterLoss(errand, limits, error);
      }
    });
  }

  /** Silence in a session that worked: if a new login works, the BMC had lost the session. */
  async #afterLoss(errand: Errand, limits: Limits, silence: TimeoutError): Promise<Buffer> {
    await this.#endActive(silence, false);
    const { active } = await this.#ensureOpen(limits).catch((error: unknown) => {
      throw error instanceof TimeoutError ? silence : error;
    });
    if (errand.repeatable) return perform(this, active, errand, limits);
    const lost = new SessionLostError(
      peerName(this.peer),
      true,
      `the BMC lost it while ${nameOf(errand.request)} was under way, and may have carried that out; look at its state before asking again`,
    );
    lost.cause = silence;
    throw lost;
  }

  /** The open session; `fresh` says whether a login was necessary. */
  async #ensureOpen(limits: Limits): Promise<{ readonly active: ActiveV20 | ActiveV15; readonly fresh: boolean }> {
    if (this.#active !== undefined) {
      if (performance.now() - this.#lastHeard < this.#options.idleTimeout)
        return { active: this.#active, fresh: false };
      // The BMC drops packets of expired sessions in silence, so that is not tried.
      await this.#endActive(new IpmiError(`session with ${this.address}: idle for too long`), false);
    }
    this.join(await resolvePeer(this.#options.host, this.#options.port));
    const active = await this.#logIn(limits);
    this.#active = active;
    this.#heard();
    try {
      await raisePrivilege(this, active, this.#options, limits);
    } catch (error) {
      await this.#endActive(error instanceof Error ? error : new IpmiError(String(error)), false);
      throw error;
    }
    return { active, fresh: true };
  }

  async #logIn(limits: Limits): Promise<ActiveV20 | ActiveV15> {
    if (this.#options.protocol === '1.5') return loginV15(this, this.#options, limits);
    const { active, ...known } = await loginV20(this, this.#options, this.#known, limits);
    this.#known = known;
    return active;
  }

  /** Forgets the session; `wait` says whether the BMC's answer to Close Session is waited for. */
  async #endActive(reason: Error, wait: boolean): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#payloads?.lost(reason);
    this.#payloads = undefined;
    const id = Buffer.alloc(4);
    id.writeUInt32LE(active.bmcSessionId);
    const request: Request = { netFn: networkFunction.application, command: closeSession, data: id };
    if (wait) {
      const limits = { budget: new Budget(closeMilliseconds), signal: undefined };
      try {
        await askOnce(this, active, { request, target: undefined, repeatable: true }, limits);
      } catch (error) {
        // A BMC that does not answer has no session to close, or will let it expire.
        if (!(error instanceof TimeoutError)) throw error;
      } finally {
        this.#active = undefined;
      }
      return;
    }
    this.#active = undefined;
    const payload = encodeRequest(request, this.nextMessageSequence(), undefined);
    this.transport.send(this.peer, active.seal(payloadType.ipmi, payload));
  }

  override receiveV20(packet: DecodedV20): boolean {
    const active = this.#active;
    if (active === undefined) {
      return packet.sessionId === 0 && !packet.encrypted && this.take(packet.payload, packet.payloadType);
    }
    // In a session nothing counts that is outside it: anyone can send that.
    if (!(active instanceof ActiveV20) || packet.sessionId !== active.consoleSessionId) return false;
    return this.#receive(active.open(packet));
  }

  override receiveV15(packet: V15Packet & { readonly payload: Buffer }): boolean {
    const active = this.#active;
    if (active instanceof ActiveV15) {
      return packet.sessionId === active.bmcSessionId && this.#receive(active.open(packet));
    }
    if (active !== undefined) return false;
    if (packet.authenticationType !== authenticationType.none) checkV15Code(packet, this.#options.password);
    return this.take(packet.payload, payloadType.ipmi);
  }

  #receive(opened: Opened | undefined): boolean {
    if (opened === undefined) return false;
    this.#heard();
    if (opened.payloadType !== payloadType.sol) return this.take(opened.payload, opened.payloadType);
    this.#payloads?.receive(opened.payload);
    return this.#payloads !== undefined;
  }

  /** A console keeps its session alive in any case: it has nobody to notice the end. */
  get #keepAliveInterval(): number | undefined {
    return this.#options.keepAlive ?? (this.#payloads === undefined ? undefined : consoleKeepAliveMilliseconds);
  }

  #heard(): void {
    this.#lastHeard = performance.now();
    const interval = this.#keepAliveInterval;
    if (interval !== undefined && this.slot < 0) this.#keepAlives.schedule(this, this.#lastHeard + interval);
  }

  /** The keep-alive is due, unless something was heard since. */
  expire(now: number): void {
    const interval = this.#keepAliveInterval;
    if (interval === undefined || this.#active === undefined) return;
    const due = this.#lastHeard + interval;
    if (due > now || this.#turns.busy) this.#keepAlives.schedule(this, Math.max(due, now + 1));
    else void this.#sendKeepAlive();
  }

  async #sendKeepAlive(): Promise<void> {
    const limits = this.#limits({});
    await this.#turns.take();
    try {
      if (this.#active !== undefined) await perform(this, this.#active, keepAlive, limits);
    } catch (error) {
      // Whoever uses the session next logs in anew, and is told if that fails.
      await this.#endActive(error instanceof Error ? error : new IpmiError(String(error)), false);
    } finally {
      this.#turns.give();
    }
  }

  /** Hands SOL payloads to `receiver` from now on; the session must be open. */
  attach(receiver: PayloadReceiver): ActiveV20 {
    if (!(this.#active instanceof ActiveV20)) {
      throw new IpmiError(`session with ${this.address}: Serial over LAN needs an open session of IPMI 2.0`);
    }
    this.#payloads = receiver;
    this.#heard();
    return this.#active;
  }

  detach(receiver: PayloadReceiver): void {
    if (this.#payloads === receiver) this.#payloads = undefined;
  }
}
