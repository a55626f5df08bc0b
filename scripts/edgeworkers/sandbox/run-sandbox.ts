/** The process of a sandbox. The host starts it, tells it what to run, and does its network. */
import type { EventOutcome } from '../event.ts';
import { InstanceFailure } from './instance-failure.ts';
import { createIpcNetwork } from './ipc-network.ts';
import { createMachine } from './machine.ts';
import type { FromSandbox, SandboxSettings, ToSandbox } from './messages.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const post = (message: FromSandbox): void => void process.send?.(message);
const network = createIpcNetwork(post);
let sandbox: Sandbox | undefined;

async function start(settings: SandboxSettings): Promise<void> {
  try {
    sandbox = await createSandbox(settings, createMachine(), network);
    post({ kind: 'ready', handlers: sandbox.handlers });
  } catch (error) {
    if (!(error instanceof InstanceFailure)) throw error;
    post({ kind: 'refused', code: error.code, message: error.message });
  }
}

async function run({ id, event, input, now }: Extract<ToSandbox, { kind: 'event' }>): Promise<void> {
  if (sandbox === undefined) throw new Error('an event came before the bundle');
  const outcome: EventOutcome = await sandbox.run(event, input, now);
  post({ kind: 'outcome', id, outcome });
}

process.on('message', (message: ToSandbox) => {
  switch (message.kind) {
    case 'start':
      return void start(message.settings);
    case 'event':
      return void run(message);
    default:
      return network.receive(message);
  }
});

// Of promises that the EdgeWorker leaves behind nobody hears, on the platform as here.
process.on('unhandledRejection', (reason) => {
  if (reason instanceof Error) {
    process.stderr.write(`${reason.stack}\n`);
    process.exit(70);
  }
});
process.on('disconnect', () => process.exit());
