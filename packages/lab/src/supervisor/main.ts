// The lab's one long-running process: parent of every BMC and QEMU, inside the namespace, told what to do on a socket.
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type RedfishService, startRedfishService } from '../bmc/redfish-service.ts';
import { answerChassis, answerLan } from '../bmc/requests.ts';
import { type Bmc, createBmc } from '../bmc/simulator.ts';
import { readLabRecord, readLabState, writeLabState } from '../lab/record.ts';
import { createMachine, type Machine } from '../machine/machine.ts';
import { identify } from '../process/identity.ts';
import type { SupervisorReply, SupervisorRequest, SupervisorStatus } from './protocol.ts';

interface Supervised {
  machine: Machine;
  bmc: Bmc;
}

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);

function load(directory: string) {
  const record = readLabRecord(directory);
  const state = readLabState(directory);
  if (record === undefined || state === undefined) throw new Error(`${directory} holds no lab.json and state.json`);
  return { record, state };
}

async function main(directory: string): Promise<void> {
  const { record, state } = load(directory);
  const supervised = new Map<string, Supervised>();
  const services: RedfishService[] = [];
  let ready = false;

  const recordProcesses = () => {
    const processes = [{ role: 'supervisor', pid: process.pid }];
    for (const [name, { machine, bmc }] of supervised) {
      const qemuPid = machine.status().qemuPid;
      const bmcPid = bmc.pid();
      if (bmcPid !== undefined) processes.push({ role: `BMC ${name}`, pid: bmcPid });
      if (qemuPid !== undefined) processes.push({ role: `QEMU ${name}`, pid: qemuPid });
    }
    const identified = processes.flatMap(({ role, pid }) => {
      const identity = identify(pid);
      return identity === undefined ? [] : [{ role, ...identity }];
    });
    writeLabState(directory, { ...state, processes: identified });
  };

  for (const machineRecord of record.machines) {
    const machine = createMachine(record, machineRecord, log, recordProcesses);
    supervised.set(machineRecord.name, { machine, bmc: createBmc(record, machineRecord, log, recordProcesses) });
  }

  const status = (): SupervisorStatus => ({
    pid: process.pid,
    ready,
    machines: [...supervised].map(([name, { machine, bmc }]) => ({ name, bmc: bmc.state(), ...machine.status() })),
  });

  const answer = async (request: SupervisorRequest): Promise<unknown> => {
    if (request.action === 'status') return status();
    const target = supervised.get(request.machine);
    if (target === undefined) throw new Error(`the lab has no machine "${request.machine}"`);
    const { machine, bmc } = target;
    switch (request.action) {
      case 'chassis':
        if (request.words[0] === 'set') log(`BMC ${request.machine}: ${request.words.join(' ')}`);
        return answerChassis(machine, request.words);
      case 'lan':
        return answerLan(record, machine.record, request.words);
      case 'bmc':
        return bmc[request.to]();
      case 'faults':
        return machine.setFaults(request.faults);
      case 'screenshot':
        return machine.screenshot(request.path);
      case 'settle':
        return machine.settled();
    }
  };

  const serve = (socket: Socket) => {
    // A client that went away does not wait for its answer.
    socket.on('error', (error) => log(`control connection: ${error.message}`));
    createInterface({ input: socket }).once('line', async (line) => {
      let reply: SupervisorReply;
      try {
        reply = { result: (await answer(JSON.parse(line) as SupervisorRequest)) ?? null };
      } catch (error) {
        reply = { error: (error as Error).message };
        log(`refused ${line}: ${reply.error}`);
      }
      socket.end(`${JSON.stringify(reply)}\n`);
    });
  };

  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(record.controlSocket, resolve);
  });
  recordProcesses();

  const stop = async () => {
    log('stopping');
    server.close();
    for (const { machine } of supervised.values()) {
      await machine.setFaults({ powerIgnored: false });
      machine.powerOff();
    }
    await Promise.all([...supervised.values()].map(({ bmc }) => bmc.stop()));
    await Promise.all(services.map((service) => service.close()));
    process.exit(0);
  };
  process.once('SIGTERM', () => {
    stop().catch((error: Error) => {
      log(`stopping failed: ${error.message}`);
      process.exit(1);
    });
  });

  await Promise.all([...supervised.values()].map(({ bmc }) => bmc.start()));
  for (const { machine } of supervised.values()) {
    if (machine.record.redfish !== undefined) services.push(await startRedfishService(record, machine, log));
  }
  ready = true;
  log('ready');
}

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: main LAB-DIRECTORY');
await main(directory);
