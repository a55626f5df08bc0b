/** What there is to be had: everybody's edition, one that some are given first, and the keys document. Kept across restarts. */
import { createEditionEvents, type EditionEvents } from '#http/edition-events';
import { keysEnvironment } from '#ruleset/keys-environment';
import { type RulesetCrypto, type VerifiedRuleset, verifyRuleset } from '#ruleset/verify';
import type { Claims } from '#schema/claims';
import { ok, type Result, refused } from '#schema/result';
import type { Audience } from './audience.ts';
import type { EditionStore, Saying } from './edition-store.ts';
import type { Offer, OfferRefusal } from './offer.ts';
import { followRefusal, type Kept, keptOf, verifyOffered } from './offered.ts';
import type { Chunk } from './stream-clients.ts';

/** An edition with the events that tell it. */
export interface Told extends EditionEvents<Chunk> {
  readonly edition: Kept;
}

export interface StagedEdition extends Told {
  readonly audience: Exclude<Audience, 'all'>;
}

export interface KeysEdition extends EditionEvents<Chunk> {
  readonly text: string;
  readonly claims: Claims;
}

export interface Editions {
  everybodys(): Told | undefined;
  staged(): StagedEdition | undefined;
  keys(): KeysEdition | undefined;
  linesOf(digest: string): string | undefined;
  /** Makes an edition that of an audience. */
  take(offer: Offer): Promise<Result<undefined, OfferRefusal>>;
  takeKeys(text: string): Promise<Result<undefined, OfferRefusal>>;
}

export interface EditionsDeps {
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  readonly store: EditionStore;
  readonly encode: (text: string) => Chunk;
}

export async function createEditions({ environment, crypto, store, encode }: EditionsDeps): Promise<Editions> {
  let everybodys: Told | undefined;
  let staged: StagedEdition | undefined;
  everybodys = await loaded('public');
  staged = stagedFor(await loaded('staged'), store.said('staged')?.audience ?? 'canary');
  let keys: KeysEdition | undefined;
  keys = await keysOf(store.keys());

  /** What is written down was verified; the key that it was signed with may have been withdrawn since. */
  async function loaded(role: 'public' | 'staged'): Promise<Told | undefined> {
    const said = store.said(role);
    const verified = said && (await verifyRuleset(`${said.header}\n${said.lines}`, environment, crypto));
    return verified?.ok ? told(keptOf(verified.value)) : undefined;
  }

  async function keysOf(text: string | undefined): Promise<KeysEdition | undefined> {
    const verified = text === undefined ? undefined : await verifyRuleset(text, keysEnvironment(environment), crypto);
    if (text === undefined || !verified?.ok) return undefined;
    const before = keys?.edition;
    const linesOfKeys = (digest: string): string | undefined => (digest === before?.digest ? before.lines : undefined);
    return {
      ...createEditionEvents(keptOf(verified.value), { event: 'keys', linesOf: linesOfKeys, encode }),
      ...{ text, claims: verified.value.claims },
    };
  }

  function linesOf(digest: string): string | undefined {
    for (const one of [everybodys, staged]) if (one?.edition.digest === digest) return one.edition.lines;
    return store.linesOf(digest);
  }

  const verifiedOf = (digest: string): VerifiedRuleset | undefined =>
    [staged, everybodys].find((one) => one?.edition.digest === digest)?.edition.ruleset;

  function told(edition: Kept): Told {
    return { ...createEditionEvents(edition, { event: 'ruleset', linesOf, encode }), edition };
  }

  function stagedFor(one: Told | undefined, audience: Audience): StagedEdition | undefined {
    return one && audience !== 'all' ? { ...one, audience } : undefined;
  }

  function isHere(one: Told | undefined, { version, digest, iat }: Offer): boolean {
    return one?.edition.version === version && one.edition.digest === digest && one.edition.iat === iat;
  }

  function become(next: Told, wanted: Audience): void {
    staged = stagedFor(next, wanted);
    if (staged === undefined) everybodys = next;
    const said = (one: Told | undefined, whose: Audience): Saying | undefined =>
      one && { edition: one.edition, audience: whose };
    store.say({ public: said(everybodys, 'all'), staged: said(staged, staged?.audience ?? wanted) });
  }

  return {
    everybodys: () => everybodys,
    staged: () => staged,
    keys: () => keys,
    linesOf,
    async take(offer) {
      // Everybody has it: no stage of it is gone back to.
      if (isHere(everybodys, offer)) return ok(undefined);
      const known = staged !== undefined && isHere(staged, offer) ? staged : undefined;
      const verified =
        known === undefined
          ? await verifyOffered(offer, { environment, crypto, linesOf, verifiedOf })
          : ok(known.edition);
      if (!verified.ok) return verified;
      // No await from here on: what is there is compared at the moment of the replacement.
      const refusal = followRefusal(verified.value, { everybodys: everybodys?.edition, staged: staged?.edition });
      if (refusal !== undefined) return refused(refusal);
      become(known ?? told(verified.value), offer.audience);
      return ok(undefined);
    },
    async takeKeys(text) {
      const next = await keysOf(text);
      if (next === undefined) return refused({ code: 'unreadable', message: 'it is no signed keys document' });
      if (keys !== undefined && next.edition.version < keys.edition.version) {
        const { version } = keys.edition;
        return refused({ code: 'conflict', version, message: `version ${version} is here, which is newer` });
      }
      store.putKeys(text);
      keys = next;
      return ok(undefined);
    },
  };
}
