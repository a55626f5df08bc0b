/** The publisher has put a generation in force. Taken only where the lines that it says it has are those that were meant. */
import { contentDigests } from '#ruleset/write/classify';
import { digestOfText } from '#ruleset/write/digest';
import type { Command } from '#schema/control-command';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { closureOf } from './check-payload.ts';
import type { Event } from './event.ts';
import type { DigestedLines, Facts } from './facts.ts';
import { isFlagId } from './item.ts';
import { type NextForce, nextForce } from './next-force.ts';
import { stampedLines } from './payload-lines.ts';
import { get, type PersistentMap } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { State } from './state.ts';

type Acknowledge = Extract<Command, { type: 'acknowledge' }>;
type AcknowledgeKeys = Extract<Command, { type: 'acknowledge-keys' }>;

export function decideAcknowledge(
  state: State,
  command: Acknowledge,
  { digested }: Pick<Facts, 'digested'>,
): Result<readonly Event[], Refusal> {
  const { environment: key, generation, version, digest, stamped: told = [] } = command;
  const environment = get(state.environments, key);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key });
  const { payload, force, pending } = environment;
  if (generation > payload.generation) {
    return refused({ code: 'unknown-generation', environment: key, generation, newest: payload.generation });
  }
  // Said twice, or overtaken by a newer one.
  if (!pending.some((one) => one.generation <= generation) && version <= force.version) return ok([]);
  const next = nextForce(environment, { generation, version, stamped: told });
  const isThis = digested?.force === force && digested.generation === generation && digested.version === version;
  const found = isThis ? digested : digestOf(next);
  if (found.digest !== digest)
    return refused({ code: 'digest-differs', environment: key, version, digest, found: found.digest });
  const { entries, stamped } = next;
  const named = { environment: key, generation, version, digest, bytes: found.bytes };
  return ok([{ type: 'published', ...named, stamped: [...stamped].sort(), served: servedBy(entries, stamped) }]);
}

function digestOf({ entries, revisions }: NextForce): Pick<DigestedLines, 'digest' | 'bytes'> {
  const lines = stampedLines(entries, (key) => get(revisions, key) ?? 0);
  return { digest: digestOfText(lines), bytes: lines.length };
}

/** Its lines are no part of the log: which keys there are is, and of those that ended by themselves the publisher need not know. */
export function decideAcknowledgeKeys(state: State, command: AcknowledgeKeys): Result<readonly Event[], Refusal> {
  const { environment: key, version, digest } = command;
  const environment = get(state.environments, key);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key });
  const { keys } = environment;
  if (keys.version === version && keys.digest === digest) return ok([]);
  return ok([{ type: 'keys-published', environment: key, version, digest }]);
}

/** What the flags among `keys` serve from now on, for knowing a return when it comes. */
export function servedBy(entries: PersistentMap<Entry>, keys: ReadonlySet<string>): (readonly [string, string])[] {
  const near = closureOf(keys, (key) => get(entries, key));
  return [...contentDigests(near)]
    .filter(([flag]) => keys.has(flag) && isFlagId(flag))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
