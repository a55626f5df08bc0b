/**
 * A POP's way to its region's Durable Object, which the publisher pushes to: an isolate begins with what Workers KV has at its location, and
 * asks the region from then on, so that a change is there within one revalidation. Where the region cannot be reached, KV goes on; and now
 * and then it is looked at all the same, for the publisher's way to KV may be whole where that to the stream is not.
 */
import type { Counted, DecisionCounts } from './decision-counts.ts';
import { type Known, type RulesetStore, UNCHANGED } from './ruleset-source.ts';

/** The region's Durable Object, as isolates call it. */
export interface RegionPort {
  /** The ruleset's text; `unchanged` where what is known is the newest, null where the region has none. */
  revalidate(asked: Revalidation): Promise<string | 'unchanged' | null>;
}

export interface Revalidation {
  readonly known: Known;
  /** What this isolate has answered since it last asked. */
  readonly decisions: Counted;
}

export interface RegionStoreDeps {
  /** Called for each question: a stub of a Durable Object that failed may be broken for good. */
  readonly region: () => RegionPort;
  readonly kv: Pick<RulesetStore, 'read'>;
  readonly decisions: Pick<DecisionCounts, 'take'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const KV_LOOK_MS = 10_000;

export function createRegionStore({ region, kv, decisions, now }: RegionStoreDeps): RulesetStore {
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** What KV has that is newer than what is known; nobody's word otherwise. */
  async function newerInKv({ version }: Known): Promise<string | typeof UNCHANGED> {
    if (now() >= lookedAt && now() - lookedAt < KV_LOOK_MS) return UNCHANGED;
    lookedAt = now();
    const text = await kv.read().catch(() => undefined);
    return typeof text === 'string' && versionIn(text) > version ? text : UNCHANGED;
  }

  async function read(known: Known | undefined): ReturnType<RulesetStore['read']> {
    if (known === undefined) return kv.read();
    try {
      const { version, sha256, exp } = known;
      const answer = await region().revalidate({ known: { version, sha256, exp }, decisions: decisions.take() });
      if (answer === 'unchanged') return newerInKv(known);
      if (answer !== null) return answer;
    } catch {
      // KV is asked, which may be behind: what it has that is older is not taken.
    }
    return kv.read();
  }

  return { read };
}

/** As the header claims it, unverified: whoever takes the text looks closer. */
function versionIn(text: string): number {
  try {
    const [, claims = ''] = text.slice(0, text.indexOf('\n')).split('.');
    return Number(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).version);
  } catch {
    return 0;
  }
}
