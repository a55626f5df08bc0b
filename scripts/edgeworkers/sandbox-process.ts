/** One process of a sandbox, as its host sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BundleRefusal } from './bundle/bundle-refusal.ts';
import { emptyReport } from './empty-report.ts';
import type { EventInput, EventName, EventOutcome, EventStatus } from './event.ts';
import type { SubRequestHosts } from './hosts.ts';
import type { FromSandbox, SandboxSettings, ToSandbox } from './sandbox/messages.ts';
import { createSubRequestCalls } from './sub-request-calls.ts';

export interface SandboxProcess {
  readonly pid: number;
  readonly handlers: readonly EventName[];
  run(event: EventName, input: EventInput, now: number): Promise<EventOutcome>;
  isOver(): boolean;
  /** Instances, as far as its events have told. */
  made(): number;
  /** Events that are underway. */
  pending(): number;
  /** Ends it as soon as nothing is underway, sub-requests that nobody waits for included. */
  leave(): Promise<void>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./sandbox/child.mjs', import.meta.url));

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

/** How long nothing must be underway before a process that is to leave does. */
const LEAVING_MS = 50;

/** Rejects with a `BundleRefusal`. */
export async function startSandboxProcess(
  settings: SandboxSettings,
  hosts: SubRequestHosts,
  env: Readonly<Record<string, string>> = {},
): Promise<SandboxProcess> {
  // Nothing of this process's environment: not its flags, and not its secrets.
  const child = fork(CHILD, {
    execArgv: FLAGS,
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const post = (message: ToSandbox): void => {
    if (child.connected) child.send(message);
  };
  const calls = createSubRequestCalls(hosts, post);
  const events = createPendingEvents();
  let isOver = false;
  let made = 0;
  const ended = endOf(child).then(({ status, message }) => {
    isOver = true;
    calls.abortAll();
    events.lose(status, message);
    return message;
  });
  child.on('message', (message: FromSandbox) => {
    if (message.kind === 'outcome') {
      made = Math.max(made, message.outcome.report.instance);
      events.resolve(message.id, message.outcome);
    } else if (message.kind === 'request') calls.start(message.id, message.request);
    else if (message.kind === 'abort') calls.abort(message.id);
  });

  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  const ready = readiness(child, ended);
  post({ kind: 'start', settings });
  const handlers = await ready.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    handlers,
    isOver: () => isOver,
    made: () => made,
    pending: events.count,
    ended,
    stop,
    async leave() {
      // Twice in turn: what has just ended may have asked for more.
      for (let idle = 0; idle < 2 && !isOver; idle = events.count() + calls.count() === 0 ? idle + 1 : 0) {
        await delay(LEAVING_MS);
      }
      await stop();
    },
    run(event, input, now) {
      if (isOver) return Promise.resolve({ report: emptyReport(event, 'RuntimeError', 'the sandbox has ended') });
      const { id, outcome } = events.add(event);
      post({ kind: 'event', id, event, input, now });
      return outcome;
    },
  };
}

/** What it says first: that it is ready, or why it never will be. */
function readiness(child: ChildProcess, ended: Promise<string>): Promise<readonly EventName[]> {
  return new Promise((resolve, reject) => {
    ended.then((message) => reject(new Error(message)));
    child.on('message', (message: FromSandbox) => {
      if (message.kind === 'ready') resolve(message.handlers);
      if (message.kind === 'refused') reject(new BundleRefusal(message.code, message.message));
    });
  });
}

/** V8 aborts where the heap is full. */
function endOf(child: ChildProcess): Promise<{ readonly status: EventStatus; readonly message: string }> {
  const errors = tail(child);
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ status: 'RuntimeError', message }));
    child.once('exit', (code, signal) => {
      const status = signal === 'SIGABRT' ? 'ResourceLimit' : 'RuntimeError';
      resolve({ status, message: `the sandbox ended (${signal ?? code}): ${errors()}` });
    });
  });
}

interface PendingEvents {
  count(): number;
  add(event: EventName): { readonly id: number; readonly outcome: Promise<EventOutcome> };
  resolve(id: number, outcome: EventOutcome): void;
  lose(status: EventStatus, message: string): void;
}

function createPendingEvents(): PendingEvents {
  const pending = new Map<number, { readonly event: EventName; resolve(outcome: EventOutcome): void }>();
  let last = 0;
  return {
    count: () => pending.size,
    add(event) {
      const id = ++last;
      const outcome = new Promise<EventOutcome>((resolve) => pending.set(id, { event, resolve }));
      return { id, outcome };
    },
    resolve(id, outcome) {
      pending.get(id)?.resolve(outcome);
      pending.delete(id);
    },
    lose(status, message) {
      for (const { event, resolve } of pending.values()) resolve({ report: emptyReport(event, status, message) });
      pending.clear();
    },
  };
}

/** The last that it wrote to its standard error. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = `${text}${chunk}`.slice(-2_000);
  });
  return () => text.trim();
}
