/**
 * Applies what has been approved, when its time has come. Nothing of it is kept beside the state: a request that was applied is not in
 * it any more, so that none is applied twice, whoever asks and however often.
 */
import { type DueRequest, dueRequests } from '#control/due-work';
import { factsNeeded } from '#control/facts-needed';
import type { Command } from '#schema/control-command';
import type { Work } from './carrying.ts';
import type { Executing } from './executing.ts';
import { type FactPorts, findFacts } from './find-facts.ts';
import { ITSELF } from './itself.ts';

export interface ScheduleDeps {
  readonly executing: Pick<Executing, 'held' | 'execute'>;
  readonly ports: FactPorts;
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface Schedule {
  /** Applies all that is due; none where nothing is scheduled. */
  works(): readonly Work[];
}

interface Delay {
  /** In a row, that came to nothing. */
  readonly attempts: number;
  readonly nextAt: number;
}

const VIA = 'schedule';
/** What is due together is found out together; as many at once. */
const BATCH = 50;
const BACKOFF_BASE_MS = 1_000;
/** Somebody completes a training; a system of tickets is back. */
const BACKOFF_CAP_MS = 60_000;

export function createSchedule({ executing, ports, now, random }: ScheduleDeps): Schedule {
  /** By request and hash: an amended request begins anew, and a restart tries all at once. */
  let delays = new Map<string, Delay>();
  const due = memoized(() => executing.held().state);

  const timeOf = (one: DueRequest): number => delays.get(idOf(one))?.nextAt ?? one.at;

  function delay(one: DueRequest): void {
    const { attempts } = delays.get(idOf(one)) ?? { attempts: 0 };
    const longest = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempts);
    delays.set(idOf(one), { attempts: attempts + 1, nextAt: now() + 1 + Math.floor(random() * longest) });
  }

  /** In order of their times, whichever is found out first: of two that exclude one another, the earlier counts. */
  async function applyAll(batch: readonly DueRequest[]): Promise<void> {
    const { state } = executing.held();
    const found = await Promise.all(
      batch.map(async (one) => {
        const command: Command = { type: 'apply', request: one.request, hash: one.hash };
        return { one, command, known: await findFacts(ports, factsNeeded(state, command, ITSELF)) };
      }),
    );
    for (const { one, command, known } of found) {
      const done = known.ok && executing.execute({ command, actor: ITSELF, via: VIA, known: known.value }).ok;
      if (!done) delay(one);
    }
  }

  async function runAll(): Promise<void> {
    for (;;) {
      const batch = due()
        .filter((one) => timeOf(one) <= now())
        .slice(0, BATCH);
      if (batch.length === 0) return;
      await applyAll(batch);
      const present = new Set(due().map(idOf));
      delays = new Map([...delays].filter(([id]) => present.has(id)));
    }
  }

  return {
    works() {
      const times = due().map(timeOf);
      return times.length === 0 ? [] : [{ name: 'schedule', at: Math.min(...times), run: runAll }];
    },
  };
}

const idOf = ({ request, hash }: DueRequest): string => `${request} ${hash}`;

/** Asked after each command, of which few change a request. */
function memoized(state: () => Parameters<typeof dueRequests>[0]): () => readonly DueRequest[] {
  let known: { readonly of: unknown; readonly due: readonly DueRequest[] } | undefined;
  return () => {
    const present = state();
    if (known?.of !== present.requests) known = { of: present.requests, due: dueRequests(present) };
    return known.due;
  };
}
