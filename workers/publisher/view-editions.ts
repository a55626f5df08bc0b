/** The parts of a ruleset that EdgeWorkers read, signed each: made once for what is in force, and kept in memory. */
import { type View, viewLines } from '#edgekv/akamai/view';
import { parseHeader, splitHeader } from '#ruleset/header';
import type { RulesetCrypto } from '#ruleset/verify';
import { parseLines } from '#ruleset/write/line';
import type { Claims } from '#schema/claims';
import { ok, type Result, refused } from '#schema/result';
import type { Edition } from './attempt.ts';
import type { Issuer } from './issuer.ts';
import type { Refusal } from './refusal.ts';

export interface ViewEditions {
  /** Why lines cannot be published: of which views they make too much. */
  sizeRefusal(lines: string): Refusal | undefined;
  /** Why a signed ruleset cannot be published: what a reader of one of its views has against that. */
  readerRefusal(ruleset: string): Promise<Refusal | undefined>;
  /** The view of that name; refused with why it cannot be had. */
  edition(name: string, whole: Edition): Promise<Result<Edition, string>>;
}

export interface ViewEditionsOptions {
  readonly views: readonly View[];
  readonly issuer: Issuer;
  /** Decodes headers. */
  readonly crypto: RulesetCrypto;
}

/** All but the journal entry, which a ruleset gets behind the canary. */
type Made = Omit<Edition, 'id'>;

interface MadeViews {
  /** The header line of the whole: no two are alike. */
  readonly header: string;
  readonly byName: Promise<ReadonlyMap<string, Result<Made, string>>>;
}

export function createViewEditions({ views, issuer, crypto }: ViewEditionsOptions): ViewEditions {
  let made: MadeViews | undefined;

  async function make(view: View, lines: ReturnType<typeof viewLines>, whole: Claims): Promise<Result<Made, string>> {
    if (!lines.ok) return refused(lines.error.message);
    const issued = await issuer.issueView(view.name, lines.value.lines, whole);
    if (!issued.ok) return refused(`view ${view.name}: ${issued.error}`);
    return ok({ text: issued.value, claims: claimsOf(issued.value, crypto), ...missingNote(lines.value.missing) });
  }

  async function makeAll(ruleset: string): Promise<ReadonlyMap<string, Result<Made, string>>> {
    const claims = claimsOf(ruleset, crypto);
    const byName = new Map<string, Result<Made, string>>();
    for (const [view, lines] of cut(views, splitHeader(ruleset).lines)) {
      byName.set(view.name, await make(view, lines, claims));
    }
    return byName;
  }

  function madeOf(ruleset: string): MadeViews['byName'] {
    const { header } = splitHeader(ruleset);
    if (made?.header !== header) made = { header, byName: makeAll(ruleset) };
    const { byName } = made;
    byName.catch(() => {
      // Signing failed: the next who asks tries again.
      if (made?.byName === byName) made = undefined;
    });
    return byName;
  }

  return {
    sizeRefusal(lines) {
      const messages = cut(views, lines).flatMap(([, view]) => (view.ok ? [] : [view.error.message]));
      return messages.length === 0 ? undefined : { code: 'view-too-large', messages };
    },
    async readerRefusal(ruleset) {
      for (const view of (await madeOf(ruleset)).values()) {
        if (!view.ok) return { code: 'refused-by-canary', message: view.error };
      }
      return undefined;
    },
    async edition(name, { id, text }) {
      const view = (await madeOf(text)).get(name) ?? refused(`there is no view ${name}`);
      return view.ok ? ok({ ...view.value, id }) : view;
    },
  };
}

/** Flags that a note names. */
const NAMED = 10;

function missingNote(missing: readonly string[]): Pick<Edition, 'note'> {
  if (missing.length === 0) return {};
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  return { note: `the ruleset lacks ${missing.slice(0, NAMED).join(', ')}${more}, which the view lists` };
}

/** What each view holds of lines; they are parsed once, and not at all where there are no views. */
function cut(views: readonly View[], lines: string): (readonly [View, ReturnType<typeof viewLines>])[] {
  const entries = views.length === 0 ? [] : parseLines(lines);
  return views.map((view) => [view, viewLines(entries, view)] as const);
}

const claimsOf = (ruleset: string, crypto: RulesetCrypto): Claims =>
  parseHeader(splitHeader(ruleset).header, crypto).claims;
