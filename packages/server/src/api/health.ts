// GET of /healthcheck: whether this process can do its work, for load balancers and supervisors.
import { existsSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Services } from './services.ts';

/** Where the check is. It lies outside the versioned API, and nobody is asked who they are. */
export const HEALTH_PATH = '/healthcheck';

/** What keeps this process from working; undefined when nothing does. */
async function ailment({ store, config }: Services): Promise<string | undefined> {
  const { disable_by_file_path: file } = config().healthcheck;
  if (file !== null && existsSync(file)) {
    return `DISABLED BY FILE ${file}`;
  }
  try {
    await sql`select 1`.execute(store.read);
    return undefined;
  } catch (error) {
    return `The database does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Answers the check: 200 "OK", or 503 with the reason; as JSON to who asks for that. */
export async function answerHealth(request: FastifyRequest, reply: FastifyReply, services: Services): Promise<void> {
  const reason = await ailment(services);
  const status = reason === undefined ? 200 : 503;
  const reasons = [reason ?? 'OK'];
  const isJson = /application\/json/i.test(request.headers.accept ?? '');
  const body = isJson ? JSON.stringify({ detailed: false, reasons }) : reasons.join('\n');
  reply.hijack();
  reply.raw
    .writeHead(status, {
      'Content-Type': isJson ? 'application/json' : 'text/plain; charset=UTF-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    })
    .end(request.method === 'HEAD' ? undefined : body);
}
