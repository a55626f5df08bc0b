/** Divides a beacon among the inboxes. */
import { inboxOf, inboxOfEmitter, inboxOfOutcome } from './inbox-layout.ts';
import { type EmitterWord, emptyShare, type Part, packPart, type Share } from './inbox-part.ts';
import type { Verdicts } from './verdicts.ts';

/** Parts by inbox; none for an inbox that has nothing to keep. */
export function divide(
  environment: string,
  { good = [], old = [], goodOutcomes = [], oldOutcomes = [] }: Partial<Verdicts>,
  receivedAt: number,
  word?: EmitterWord,
): ReadonlyMap<number, Part> {
  const shares = new Map<number, Share>();
  const shareOf = (inbox: number): Share => {
    const share = shares.get(inbox) ?? emptyShare();
    shares.set(inbox, share);
    return share;
  };
  for (const one of good) shareOf(inboxOf(one)).good.push(one);
  for (const one of old) shareOf(inboxOf(one)).old.push(one);
  for (const one of goodOutcomes) shareOf(inboxOfOutcome(one.outcome)).goodOutcomes.push(one);
  for (const one of oldOutcomes) shareOf(inboxOfOutcome(one.outcome)).oldOutcomes.push(one);
  const keeper = word && inboxOfEmitter(word.emitter);
  if (keeper !== undefined) shareOf(keeper);
  return new Map(
    [...shares].map(([inbox, share]) => [
      inbox,
      packPart(environment, share, receivedAt, inbox === keeper ? word : undefined),
    ]),
  );
}
