// TLS of the services: one certificate for each 256 addresses, so that ten thousand of them need forty, and one's own after an exchange.
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { createCertificate } from '@wrought/agent/certificate';
import type { RedfishBmc } from './bmc.ts';

/** Answers a request for another protocol. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A certificate with its key, and the HTTP server that shows it. */
export interface TlsHost {
  readonly certificatePem: string;
  /** It does not listen: it is given connections. */
  readonly server: Server;
}

/** The first three numbers of an IPv4 address, or the address itself. */
const groupOf = (address: string) => /^(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1] ?? address;

const addressesOf = (group: string): string[] =>
  /^\d+\.\d+\.\d+$/.test(group) ? Array.from({ length: 256 }, (_, last) => `${group}.${last}`) : [group];

export class Certificates {
  readonly #shared = new Map<string, TlsHost>();
  readonly #own = new Map<RedfishBmc, TlsHost>();
  readonly #spare = new Map<string, TlsHost>();
  readonly #options: ServerOptions;
  readonly #listener: RequestListener;
  readonly #upgrade: UpgradeListener;

  constructor(options: ServerOptions, listener: RequestListener, upgrade: UpgradeListener) {
    this.#options = options;
    this.#listener = listener;
    this.#upgrade = upgrade;
  }

  /** What a new connection of a service is shown. */
  hostOf(bmc: RedfishBmc): TlsHost {
    if (bmc.suffers('certificate')) return this.#of(this.#spare, groupOf(bmc.address));
    return this.#own.get(bmc) ?? this.#of(this.#shared, groupOf(bmc.address));
  }

  /** The certificate of a service, in PEM. */
  certificateOf(bmc: RedfishBmc): string {
    return (this.#own.get(bmc) ?? this.#of(this.#shared, groupOf(bmc.address))).certificatePem;
  }

  /** Gives a service another certificate, a new one when none is given. Throws when key and certificate do not fit. */
  exchange(bmc: RedfishBmc, given?: { readonly certificatePem: string; readonly keyPem: string }): string {
    const made = given ?? createCertificate([bmc.address]);
    // Before anything is changed: the TLS layer would take a key that does not fit and fail each handshake.
    new X509Certificate(made.certificatePem);
    this.#own.set(bmc, this.#host(made));
    return made.certificatePem;
  }

  #of(hosts: Map<string, TlsHost>, group: string): TlsHost {
    const known = hosts.get(group);
    if (known !== undefined) return known;
    const host = this.#host(createCertificate(addressesOf(group)));
    hosts.set(group, host);
    return host;
  }

  #host({ certificatePem, keyPem }: { readonly certificatePem: string; readonly keyPem: string }): TlsHost {
    const server = createServer({ ...this.#options, cert: certificatePem, key: keyPem }, this.#listener);
    server.on('upgrade', this.#upgrade);
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.on('clientError', (_, socket) => socket.destroy());
    return { certificatePem, server };
  }
}
