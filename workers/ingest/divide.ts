/** Divides a beacon among the inboxes. */
import { inboxOf, inboxOfEmitter, inboxOfOutcome } from './inbox-layout.ts';
import { type EmitterWord, emptyShare, type Part, packPart, REVISION, type Share } from './inbox-part.ts';
import { SHARDS, shardOf } from './shard-layout.ts';
import type { Verdicts } from './verdicts.ts';

interface Addressed {
  readonly inbox: number;
  readonly shard: number;
  readonly share: Share;
}

/** A part for each inbox and cohort shard that has something to keep. */
export function divide(
  environment: string,
  { good = [], old = [], goodOutcomes = [], asideOutcomes = [] }: Partial<Verdicts>,
  receivedAt: number,
  word?: EmitterWord,
): readonly Part[] {
  const shares = new Map<number, Addressed>();
  const shareOf = (inbox: number, shard: number): Share => {
    const key = inbox * SHARDS + shard;
    const found = shares.get(key);
    if (found !== undefined) return found.share;
    const share = emptyShare();
    shares.set(key, { inbox, shard, share });
    return share;
  };
  for (const one of good) {
    const { unit, cell } = one;
    shareOf(inboxOf(unit, cell[REVISION]), shardOf(unit)).good.push(one);
  }
  for (const one of old) shareOf(inboxOf(one.unit, one.revision), shardOf(one.unit)).old.push(one);
  for (const one of goodOutcomes)
    shareOf(inboxOfOutcome(one.outcome), shardOf(one.outcome.unit)).goodOutcomes.push(one);
  for (const one of asideOutcomes)
    shareOf(inboxOfOutcome(one.outcome), shardOf(one.outcome.unit)).asideOutcomes.push(one);
  const keeper = word && keeperOf(word, shares, shareOf);
  return [...shares.values()].map((one) => {
    const { inbox, shard, share } = one;
    return packPart({ environment, inbox, shard, receivedAt, ...(one === keeper && word && { word }) }, share);
  });
}

/** Any part that its inbox gets anyway. */
function keeperOf(
  { emitter }: EmitterWord,
  shares: ReadonlyMap<number, Addressed>,
  shareOf: (inbox: number, shard: number) => Share,
): Addressed | undefined {
  const inbox = inboxOfEmitter(emitter);
  const ofInbox = (): Addressed | undefined => [...shares.values()].find((one) => one.inbox === inbox);
  if (ofInbox() === undefined) shareOf(inbox, 0);
  return ofInbox();
}
