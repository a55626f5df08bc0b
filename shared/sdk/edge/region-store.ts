/**
 * A POP's way to its region's Durable Object, which the publisher pushes to: an isolate begins with what Workers KV has at its location, and
 * asks the region from then on, so that a change is there within one revalidation. Where the region cannot be reached, KV goes on.
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
}

export const createRegionStore = ({ region, kv, decisions }: RegionStoreDeps): RulesetStore => ({
  async read(known) {
    if (known === undefined) return kv.read();
    try {
      const { version, sha256, exp } = known;
      const answer = await region().revalidate({ known: { version, sha256, exp }, decisions: decisions.take() });
      if (answer === 'unchanged') return UNCHANGED;
      if (answer !== null) return answer;
    } catch {
      // KV is asked, which may be behind: what it has that is older is not taken.
    }
    return kv.read();
  },
});
