/** What changed items make of a payload. Only what they concern is compiled; everything else stays the very object that it was. */

import { canonicalJson } from '#ruleset/canonical-json';
import { compileFlag, compileLayers, compileSegment } from '#ruleset/write/compile-entry';
import { entryLine } from '#ruleset/write/line';
import { unlessSame } from '#ruleset/write/revisions';
import type { Authored } from '#schema/authored';
import type { Entry, FlagEntry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { payloadIssues } from './check-payload.ts';
import { type GivenRanges, NO_RANGES, rangeIssues, splitsToBeginWith } from './given-ranges.ts';
import { type Item, isFlagId } from './item.ts';
import { authoredOf, neighbourhood, withUsers } from './neighbourhood.ts';
import { get } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { EntryChange, EnvironmentState } from './state.ts';

export interface PayloadDraft {
  /** Empty where the payload stays as it is. In order of key. */
  readonly changes: readonly EntryChange[];
  /** Of all lines. */
  readonly bytes: number;
}

/** `environment` has the items as they shall be, and the payload as it was. */
export function draftPayload(
  environment: EnvironmentState,
  touched: ReadonlySet<string>,
  given: GivenRanges = NO_RANGES,
): Result<PayloadDraft, Refusal> {
  const concerned = concernedBy(environment, touched);
  const near = neighbourhood(environment, withUsers([...touched, ...concerned], environment.payload));
  const authored = authoredOf(near);
  const issues = payloadIssues.ofItems(environment, authored);
  if (issues.length > 0) return refused({ code: 'invalid', environment: environment.key, issues });
  const compiled = compileConcerned(environment, { authored, concerned, given });
  const draft = draftOf(environment, compiled);
  const faults = [...rangeIssues(environment, given, compiled), ...payloadIssues.ofEntries(environment, draft)];
  return faults.length > 0 ? refused({ code: 'invalid', environment: environment.key, issues: faults }) : ok(draft);
}

/** The flags and segments that may compile to something else. */
function concernedBy(environment: EnvironmentState, touched: ReadonlySet<string>): Set<string> {
  const ids = new Set<string>();
  for (const id of touched) {
    if (isFlagId(id) || id.startsWith(SEGMENT_PREFIX)) ids.add(id);
    else for (const user of get(environment.payload.usedBy, id) ?? []) ids.add(user);
    const item = get(environment.items, id);
    if (item?.kind === 'layer' && !item.archived) for (const flag of Object.keys(item.body.slices)) ids.add(flag);
  }
  return ids;
}

interface Concerned {
  readonly authored: Authored;
  readonly concerned: ReadonlySet<string>;
  readonly given: GivenRanges;
}

/** What each compiles to; null where it is no live item any more. */
function compileConcerned(
  { items, payload }: EnvironmentState,
  { authored, concerned, given }: Concerned,
): ReadonlyMap<string, Entry | null> {
  const before = new Map<string, Entry>();
  for (const key of [...concerned, ...Object.values(authored.layers).flatMap(({ slices }) => Object.keys(slices))]) {
    const entry = get(payload.entries, key);
    if (entry !== undefined) before.set(key, entry);
  }
  const layers = compileLayers(authored, before, given.layers);
  const compileItem = (item: Item): Entry | null => {
    if (item.kind === 'segment') return compileSegment(item.key, item.body);
    if (item.kind !== 'flag') return null;
    const previous = before.get(item.key) as FlagEntry | undefined;
    const earlier = splitsToBeginWith(item.body, given.flags.get(item.key), previous);
    return compileFlag(item.key, item.body, { authored, layers, earlier });
  };
  return new Map(
    [...concerned].map((id) => {
      const item = get(items, id);
      return [id, item === undefined || item.archived ? null : compileItem(item)];
    }),
  );
}

function draftOf({ payload }: EnvironmentState, compiled: ReadonlyMap<string, Entry | null>): PayloadDraft {
  const changes: EntryChange[] = [];
  let { bytes } = payload;
  for (const [key, entry] of compiled) {
    const previous = get(payload.entries, key);
    if (sameEntry(previous, entry && unlessSame(entry, previous))) continue;
    changes.push({ key, entry });
    bytes += lineBytes(entry) - lineBytes(previous ?? null);
  }
  return { changes: changes.sort((a, b) => (a.key < b.key ? -1 : 1)), bytes };
}

export const sameEntry = (one: Entry | null | undefined, other: Entry | null | undefined): boolean =>
  one === other ||
  (one ?? null) === (other ?? null) ||
  (one != null && other != null && canonicalJson(one) === canonicalJson(other));

const lineBytes = (entry: Entry | null): number => (entry === null ? 0 : entryLine(entry).length + 1);
