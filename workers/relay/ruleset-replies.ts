/** Rulesets for whoever polls, and for whoever was pointed to one. */
import { matchesEtag } from '#http/etag';
import { responseOf } from '#http/response-of';
import { rulesetEtag } from '#ruleset/position';
import type { VerifiedRuleset } from '#ruleset/verify';
import type { HeldCache } from './held.ts';
import type { KeptEditions } from './kept-editions.ts';
import { NOT_KEPT } from './refusals.ts';
import { createRulesetBodies } from './ruleset-bodies.ts';

export interface RulesetReplies {
  /** The whole text, or that the caller has it; undefined where nothing is held. */
  whole(request: Request, held: HeldCache): Response | undefined;
  /** The lines alone, by their digest. */
  lines(request: Request, digest: string): Promise<Response>;
}

const TEXT = 'text/plain; charset=utf-8';

export function createRulesetReplies(kept: Pick<KeptEditions, 'linesOf'>): RulesetReplies {
  const bodies = createRulesetBodies();
  /** Joined once, not at each poll. */
  let whole: { readonly of: VerifiedRuleset; readonly text: string } | undefined;

  function textOf(ruleset: VerifiedRuleset): string {
    if (whole?.of !== ruleset) whole = { of: ruleset, text: `${ruleset.header}\n${ruleset.reader.lines}` };
    return whole.text;
  }

  return {
    whole(request, held) {
      const ruleset = held.current();
      if (ruleset === undefined) return undefined;
      const etag = rulesetEtag(ruleset.claims);
      const headers = {
        etag,
        'cache-control': 'private, no-cache',
        'lockstep-version': String(ruleset.claims.version),
        // How long ago home confirmed it: who has it from here is no younger.
        age: String(Math.floor((held.status().ageMs ?? 0) / 1_000)),
      };
      if (matchesEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
      return new Response(bodies.plain(textOf(ruleset)), { headers: { ...headers, 'content-type': TEXT } });
    },
    async lines(request, digest) {
      const lines = kept.linesOf(digest);
      if (lines === undefined) return responseOf(NOT_KEPT);
      const headers = {
        'content-type': TEXT,
        'cache-control': 'private, max-age=31536000, immutable',
        vary: 'accept-encoding',
      };
      const takesGzip = /\bgzip\b/i.test(request.headers.get('accept-encoding') ?? '');
      if (!takesGzip) return new Response(bodies.plain(lines), { headers });
      return new Response(await bodies.gzipped(lines), { headers: { ...headers, 'content-encoding': 'gzip' } });
    },
  };
}
