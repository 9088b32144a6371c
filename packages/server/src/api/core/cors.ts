// Cross-origin requests (the Fetch standard, "CORS protocol"): tells browsers which pages may call the API.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../../config/index.ts';

/**
 * Sets the headers that a page of an allowed origin needs on the answer, whatever the answer will be. Requests without an
 * Origin, or from one that is not allowed, get none: the browser then keeps the answer from the page.
 */
export function allowOrigin({ headers, method }: IncomingMessage, response: ServerResponse, { cors }: Config): void {
  if (cors.allowed_origin.length === 0) {
    return;
  }
  response.setHeader('Vary', 'Origin');
  const { origin } = headers;
  const isAny = cors.allowed_origin.includes('*');
  if (origin === undefined || !(isAny || cors.allowed_origin.includes(origin))) {
    return;
  }
  // A page of any origin must not act with the credentials that a browser holds.
  const withCredentials = cors.allow_credentials && cors.allowed_origin.includes(origin);
  response.setHeader('Access-Control-Allow-Origin', withCredentials || !isAny ? origin : '*');
  if (withCredentials) {
    response.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) {
    response.setHeader('Access-Control-Max-Age', String(cors.max_age));
    response.setHeader('Access-Control-Allow-Methods', cors.allow_methods.join(', '));
    response.setHeader('Access-Control-Allow-Headers', cors.allow_headers.join(', '));
  } else {
    response.setHeader('Access-Control-Expose-Headers', cors.expose_headers.join(', '));
  }
}
