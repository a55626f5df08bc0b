/** The publisher's HTTP API, as its callers on the command line use it. */

import type { ChangeClass } from '#ruleset/write/classify';
import { ok, type Result } from '#schema/result';
import type { StageStanding } from '../planet/stage-text.ts';
import type { PlanetFile } from '../planet/state.ts';
import { call, type ProblemAnswer } from './call.ts';
import { PublisherRefusal } from './publisher-refusal.ts';
import { keyOf, urlOf } from './running-planet.ts';

export interface Target {
  readonly name: string;
  readonly version: number | null;
  readonly state: 'written' | 'pending' | 'failing' | 'conflict';
  readonly attempts: number;
  readonly error?: string;
}

/** What a return came to. */
export interface PublisherAnswer {
  readonly version: number;
  readonly published: boolean;
  readonly digest: string;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly targets: readonly Target[];
  readonly journalId: number;
  /** What waited until everybody could be given it, and never will be. */
  readonly dropped?: { readonly version: number; readonly flags: readonly string[] };
}

/** As much of the publisher's status. */
export interface PublisherStatus {
  /** Null where nothing was ever in force. */
  readonly version: number | null;
  readonly targets: readonly Target[];
  readonly stage?: StageStanding;
}

export interface ReturnOrder {
  /** Everything where none is named; then a version is. */
  readonly flags?: readonly string[];
  /** The version to go back to; the one before each flag's last change where none is named. */
  readonly version?: number;
  readonly reason: string;
}

export interface JournalEntry {
  readonly id: number;
  /** RFC 3339. */
  readonly time: string;
  readonly kind: string;
  readonly actor: string;
  readonly reason?: string;
  readonly version: number;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly acknowledgedAt?: string;
}

export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  /** Behind which there are more. */
  readonly next?: number;
}

export interface Publisher {
  /** The version in force, which store holds what, and what it waits for. */
  status(): Promise<PublisherStatus>;
  goBack(order: ReturnOrder): Promise<Result<PublisherAnswer, ProblemAnswer>>;
  /** Entries behind that id, oldest first; at most 1,000. */
  journal(after: number, limit: number): Promise<JournalPage>;
  /** Returns that no publish has acknowledged yet. */
  unacknowledged(): Promise<readonly JournalEntry[]>;
}

/** `as` is whose key is used: a break-glass key may only read and return. */
export function publisherOf(planet: PlanetFile, as: 'publisher' | 'breakGlass'): Publisher {
  const base = urlOf(planet, 'publisher');
  const key = keyOf(planet, as);
  const ask = (path: string, body?: object): Promise<Result<Response, ProblemAnswer>> =>
    call('publisher', `${base}${path}`, body === undefined ? { key } : { method: 'POST', key, body });

  async function journal(after: number, limit: number): Promise<JournalPage> {
    const response = await must(ask(`/v1/journal?after=${after}&limit=${limit}`));
    return (await response.json()) as JournalPage;
  }

  async function wholeJournal(): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (let next: number | undefined = 0; next !== undefined; ) {
      const page: JournalPage = await journal(next, 100);
      entries.push(...page.entries);
      next = page.next;
    }
    return entries;
  }

  return {
    async status() {
      const response = await must(ask('/v1/ruleset'));
      return (await response.json()) as PublisherStatus;
    },
    goBack: (order) => json(ask('/v1/ruleset/return', order)),
    journal,
    async unacknowledged() {
      const entries = await wholeJournal();
      return entries.filter(({ kind, acknowledgedAt }) => kind === 'return' && acknowledgedAt === undefined);
    },
  };
}

async function json<T>(asked: Promise<Result<Response, ProblemAnswer>>): Promise<Result<T, ProblemAnswer>> {
  const answer = await asked;
  return answer.ok ? ok((await answer.value.json()) as T) : answer;
}

async function must(asked: Promise<Result<Response, ProblemAnswer>>): Promise<Response> {
  const answer = await asked;
  if (answer.ok) return answer.value;
  throw new PublisherRefusal(`the publisher refused: ${answer.error.detail}`, answer.error);
}
