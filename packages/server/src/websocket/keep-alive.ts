// Keeps a WebSocket open through proxies, and ends it when the other end is gone without a word.
import type { WebSocket } from 'ws';

const INTERVAL_MILLISECONDS = 30_000;

/** Sends a ping each interval (RFC 6455, section 5.5.2) until the connection ends; one without an answer to the last is cut. */
export function keepAlive(socket: WebSocket, intervalMilliseconds = INTERVAL_MILLISECONDS): void {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (!isAnswered) {
      socket.terminate();
      return;
    }
    isAnswered = false;
    socket.ping();
  }, intervalMilliseconds);
  socket.on('pong', () => {
    isAnswered = true;
  });
  socket.once('close', () => clearInterval(timer));
}
