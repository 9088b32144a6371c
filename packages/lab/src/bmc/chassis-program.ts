// The program that ipmi_sim runs for each power, boot device and LAN request: it passes its words to the supervisor.
// It imports nothing of the lab, because ipmi_sim stands still until it ends.
import { connect } from 'node:net';

const supervisorTimeoutSeconds = 5;

const [socketPath, machine, kind, ...words] = process.argv.slice(2);

function fail(message: string): void {
  // ipmi_sim logs what its programs print, and answers its client with "unspecified error" when they fail.
  process.stdout.write(`${message}\n`);
  process.exitCode = 1;
}

if (socketPath === undefined || machine === undefined || (kind !== 'chassis' && kind !== 'lan')) {
  fail('usage: chassis-program CONTROL-SOCKET MACHINE chassis|lan get|set WORD...');
} else {
  let answer = '';
  const socket = connect(socketPath);
  socket.setEncoding('utf8');
  socket.setTimeout(supervisorTimeoutSeconds * 1000, () => {
    socket.destroy(new Error(`no answer within ${supervisorTimeoutSeconds} s`));
  });
  socket.on('connect', () => socket.write(`${JSON.stringify({ action: kind, machine, words })}\n`));
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', (error) => fail(`lab supervisor at ${socketPath}: ${error.message}`));
  socket.on('end', () => {
    const reply = JSON.parse(answer) as { result?: string; error?: string };
    if (reply.error === undefined) process.stdout.write(reply.result ?? '');
    else fail(reply.error);
  });
}
