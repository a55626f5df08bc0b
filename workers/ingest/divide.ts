/** Divides a beacon among the inboxes. */
import { inboxOf, inboxOfEmitter } from './inbox-layout.ts';
import { type EmitterLedger, type Part, packPart, type Share } from './inbox-part.ts';
import type { Verdicts } from './verdicts.ts';

/** Parts by inbox; none for an inbox that has nothing to keep. */
export function divide(
  environment: string,
  { good, old }: Pick<Verdicts, 'good' | 'old'>,
  receivedAt: number,
  ledger?: EmitterLedger,
): ReadonlyMap<number, Part> {
  const shares = new Map<number, Share>();
  const shareOf = (inbox: number): Share => {
    const share = shares.get(inbox) ?? { good: [], old: [] };
    shares.set(inbox, share);
    return share;
  };
  for (const one of good) shareOf(inboxOf(one)).good.push(one);
  for (const one of old) shareOf(inboxOf(one)).old.push(one);
  const keeper = ledger && inboxOfEmitter(ledger.emitter);
  if (keeper !== undefined) shareOf(keeper);
  return new Map(
    [...shares].map(([inbox, share]) => [
      inbox,
      packPart(environment, share, receivedAt, inbox === keeper ? ledger : undefined),
    ]),
  );
}
