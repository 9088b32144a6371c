// The certificate of a service: read, and replaced (schemas CertificateService, CertificateLocations, Certificate).
import { X509Certificate } from 'node:crypto';
import type { RedfishBmc } from '../bmc.ts';
import { asObject, checkParameters, isObject, isOneOf, isText } from '../http/checks.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import type { Body, Call, Route } from '../types.ts';
import { action, collection, link, links, managerPath, resource, root, timeOf } from './shape.ts';

/** What there is to show and to exchange; a service that speaks http has nothing of it. */
export interface CertificateStore {
  certificateOf(bmc: RedfishBmc): string;
  exchange(bmc: RedfishBmc, given: { readonly certificatePem: string; readonly keyPem: string }): string;
}

const stores = new WeakMap<RedfishBmc, CertificateStore>();

/** Tells where the certificate of a service is kept. */
export function registerCertificates(bmc: RedfishBmc, store: CertificateStore): void {
  stores.set(bmc, store);
}

const service = `${root}/CertificateService`;
const replaceName = 'CertificateService.ReplaceCertificate';

const nameOf = (distinguished: string): Body => {
  const [, commonName] = /CN=([^\n]+)/.exec(distinguished) ?? [];
  return { CommonName: commonName ?? null };
};

function certificateBody(model: Model, pem: string): Body {
  const certificate = new X509Certificate(pem);
  return {
    ...resource(model, 'Certificate', '1', 'HTTPS Certificate'),
    CertificateString: pem,
    CertificateType: 'PEM',
    Issuer: nameOf(certificate.issuer),
    Subject: nameOf(certificate.subject),
    SerialNumber: certificate.serialNumber,
    Fingerprint: certificate.fingerprint256,
    FingerprintHashAlgorithm: 'TPM_ALG_SHA256',
    ValidNotBefore: timeOf(Date.parse(certificate.validFrom)),
    ValidNotAfter: timeOf(Date.parse(certificate.validTo)),
    KeyUsage: ['ServerAuthentication'],
  };
}

const blockOf = (text: string, label: string) =>
  new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`).exec(text)?.[0];

function replace(call: Call, path: string): undefined {
  const { bmc, body } = call;
  const checks = { CertificateString: isText, CertificateType: isOneOf(['PEM']), CertificateUri: isObject };
  checkParameters(replaceName, body, checks, ['CertificateString', 'CertificateType', 'CertificateUri']);
  const uri = asObject(body.CertificateUri)?.['@odata.id'];
  if (uri !== path) throw problem(400, 'ActionParameterValueNotInList', String(uri), 'CertificateUri', replaceName);
  const text = String(body.CertificateString);
  const certificatePem = blockOf(text, 'CERTIFICATE');
  const keyPem = blockOf(text, '(?:EC |RSA )?PRIVATE KEY');
  const store = stores.get(bmc);
  const bad = problem(400, 'ActionParameterValueFormatError', 'the text', 'CertificateString', replaceName);
  if (certificatePem === undefined || keyPem === undefined || store === undefined) throw bad;
  try {
    store.exchange(bmc, { certificatePem, keyPem });
  } catch {
    // The TLS layer says in its own words why key and certificate do not fit; the client sent them.
    throw bad;
  }
  return undefined;
}

export function certificateRoutes(model: Model): readonly Route[] {
  const own = `${managerPath(model)}/NetworkProtocol/HTTPS/Certificates`;
  const path = `${own}/1`;
  const pemOf = (bmc: RedfishBmc) => stores.get(bmc)?.certificateOf(bmc);
  return [
    {
      path: service,
      get: () => ({
        ...resource(model, 'CertificateService', 'CertificateService', 'Certificate Service'),
        CertificateLocations: link(`${service}/CertificateLocations`),
        Actions: action(service, replaceName, { CertificateType: ['PEM'] }),
      }),
    },
    {
      path: `${service}/CertificateLocations`,
      get: ({ bmc }) => ({
        ...resource(model, 'CertificateLocations', 'CertificateLocations', 'Certificate Locations'),
        Links: { Certificates: links(pemOf(bmc) === undefined ? [] : [path]) },
      }),
    },
    { path: `${service}/Actions/${replaceName}`, post: (call) => replace(call, path) },
    {
      path: own,
      get: ({ bmc }) => collection('Certificate', 'HTTPS Certificates', pemOf(bmc) === undefined ? [] : [path]),
    },
    {
      path,
      get: ({ bmc }) => {
        const pem = pemOf(bmc);
        return pem === undefined ? undefined : certificateBody(model, pem);
      },
    },
  ];
}
