/** One process of a sandbox, as its host sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BundleRefusal } from './bundle/bundle-refusal.ts';
import type { EventInput, EventName, EventOutcome, EventStatus } from './event.ts';
import { callHost, type SubRequestHosts } from './hosts.ts';
import type { FromSandbox, SandboxSettings, ToSandbox } from './sandbox/messages.ts';

export interface SandboxProcess {
  readonly pid: number;
  readonly handlers: readonly EventName[];
  run(event: EventName, input: EventInput, now: number): Promise<EventOutcome>;
  isOver(): boolean;
  stop(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./sandbox/child.ts', import.meta.url));

/**
 * V8 has no flags any more that take WebAssembly and SharedArrayBuffer away: the realm has neither. The young generation is small so that
 * what is alive shows soon; the old one bounds what a handler can take before the whole process falls.
 */
const FLAGS = [
  '--disallow-code-generation-from-strings',
  '--experimental-vm-modules',
  '--max-semi-space-size=1',
  '--max-old-space-size=192',
  '--disable-warning=ExperimentalWarning',
];

const ABORTED = 'SIGABRT';

/** Rejects with a `BundleRefusal`. */
export async function startSandboxProcess(settings: SandboxSettings, hosts: SubRequestHosts): Promise<SandboxProcess> {
  // Nothing of this process's environment: not its flags, and not its secrets.
  const child = fork(CHILD, {
    execArgv: FLAGS,
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors = tail(child);
  const calls = new Map<number, { abort(): void }>();
  const events = new Map<number, (outcome: EventOutcome) => void>();
  let lastEvent = 0;
  let isOver = false;
  const post = (message: ToSandbox): void => {
    if (child.connected) child.send(message);
  };

  const exited = once(child, 'exit').then(([code, signal]) => {
    isOver = true;
    for (const call of calls.values()) call.abort();
    const status: EventStatus = signal === ABORTED ? 'ResourceLimit' : 'RuntimeError';
    const message = `the sandbox ended (${signal ?? code}): ${errors()}`;
    for (const resolve of events.values()) resolve({ report: lost(status, message) });
    events.clear();
    return message;
  });

  const ready = new Promise<Extract<FromSandbox, { kind: 'ready' }>>((resolve, reject) => {
    exited.then((message) => reject(new Error(message)));
    child.on('message', (message: FromSandbox) => {
      if (message.kind === 'ready') resolve(message);
      if (message.kind === 'refused') reject(new BundleRefusal(message.code, message.message));
    });
  });

  child.on('message', (message: FromSandbox) => {
    if (message.kind === 'outcome') {
      events.get(message.id)?.(message.outcome);
      events.delete(message.id);
    } else if (message.kind === 'abort') {
      calls.get(message.id)?.abort();
      calls.delete(message.id);
    } else if (message.kind === 'request') {
      const { id, request } = message;
      const over = (last: ToSandbox): void => {
        calls.delete(id);
        post(last);
      };
      const call = callHost(hosts, request, {
        head: (status, headers) => post({ kind: 'head', id, status, headers }),
        chunk: (bytes) => post({ kind: 'chunk', id, bytes }),
        end: () => over({ kind: 'end', id }),
        fail: (reason) => over({ kind: 'fail', id, message: reason }),
      });
      calls.set(id, call);
    }
  });

  async function stop(): Promise<void> {
    if (isOver) return;
    child.kill('SIGKILL');
    await exited;
  }

  post({ kind: 'start', settings });
  try {
    const { handlers } = await ready;
    return {
      pid: child.pid ?? 0,
      handlers,
      isOver: () => isOver,
      stop,
      run(event, input, now) {
        const id = ++lastEvent;
        return new Promise((resolve) => {
          if (isOver) return resolve({ report: { ...lost('RuntimeError', 'the sandbox has ended'), event } });
          events.set(id, (outcome) => resolve({ ...outcome, report: { ...outcome.report, event } }));
          post({ kind: 'event', id, event, input, now });
        });
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The last that it wrote to its standard error. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = `${text}${chunk}`.slice(-2_000);
  });
  return () => text.trim();
}

const lost = (status: EventStatus, statusMessage: string): EventOutcome['report'] => ({
  event: 'onClientRequest',
  status,
  statusMessage,
  initWallMs: 0,
  initCpuMs: 0,
  wallMs: 0,
  cpuMs: 0,
  machineFactor: 1,
  memoryBytes: 0,
  log: '',
  subRequests: [],
  excesses: [],
  instance: 0,
});
