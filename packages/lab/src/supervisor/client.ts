// Asks a lab's supervisor to do something and returns its answer.
import { connect } from 'node:net';
import type { SupervisorReply, SupervisorRequest, SupervisorStatus } from './protocol.ts';

const requestTimeoutSeconds = 30;

/** Sends a request to the control socket. Throws when nobody listens, or with the supervisor's words. */
export function askSupervisor(controlSocket: string, request: SupervisorRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(controlSocket);
    const fail = (message: string) => reject(new Error(`lab supervisor at ${controlSocket}: ${message}`));
    socket.setEncoding('utf8');
    socket.setTimeout(requestTimeoutSeconds * 1000, () => {
      socket.destroy(new Error(`no answer to ${request.action} within ${requestTimeoutSeconds} s`));
    });
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => {
      if (answer === '') return fail(`closed the connection without an answer to ${request.action}`);
      const reply = JSON.parse(answer) as SupervisorReply;
      if ('error' in reply) fail(reply.error);
      else resolve(reply.result);
    });
  });
}

/** Power, boot device, BMC and faults of every machine. */
export async function askStatus(controlSocket: string): Promise<SupervisorStatus> {
  return (await askSupervisor(controlSocket, { action: 'status' })) as SupervisorStatus;
}
