/** Offers editions to the stream Worker (docs/stream.md): by name where it has them, else as a delta on what everybody has, else as text. */
import { withDeadline } from '#http/with-deadline';
import { splitHeader } from '#ruleset/header';
import { makeDelta, writeDelta } from '#ruleset/write/make-delta';
import { ok, type Result, refused } from '#schema/result';
import type { Edition } from './attempt.ts';
import type { StageAudience, StageWord } from './plan-stages.ts';
import type { Trouble } from './target-schedule.ts';

/** As much of the binding as is used. */
export interface StreamService {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface StreamOffers {
  /** Never rejects. */
  offer(edition: Edition, audience: StageAudience, how: OfferHow): Promise<Result<StageWord, Trouble>>;
}

export interface OfferHow {
  /** Waits for the audience for so long at most (milliseconds). */
  readonly waitMs: number;
  /** What the stream has, most likely. */
  readonly base?: Edition | undefined;
  /** It is given to nobody before all of that is so. */
  readonly needs?: OfferNeeds | undefined;
}

export interface OfferNeeds {
  /** Everybody who is expected has it, or a later one. */
  readonly version: number;
  /** For whose sake. */
  readonly flags: readonly string[];
  /** Targets that do not have it yet. */
  readonly targets: readonly string[];
}

export interface StreamOffersOptions {
  readonly service: StreamService;
  /** Its own key of the publisher. */
  readonly key: string;
}

/** Beside the time that an offer waits (milliseconds). */
const ANSWER_MS = 5_000;

/** The host is nobody's: the binding leads to the Worker. */
export const STREAM_URL = 'http://stream';

export function createStreamOffers({ service, key }: StreamOffersOptions): StreamOffers {
  async function post(body: object, waitMs: number): Promise<Result<StageWord, Trouble | 'text-needed'>> {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const answer = await withDeadline(waitMs + ANSWER_MS, async (signal) => {
      const response = await service.fetch(`${STREAM_URL}/v1/offers`, { ...init, signal });
      return { status: response.status, json: (await response.json().catch(() => ({}))) as Answer };
    });
    if (answer === undefined) return refused({ kind: 'failing', message: `no answer within ${waitMs + ANSWER_MS} ms` });
    const { status, json } = answer;
    if (status === 200 && isWord(json)) return ok(json);
    if (status === 409 && json.need === 'text') return refused('text-needed');
    const message = `${status} ${json.detail ?? ''}`.trim().slice(0, 200);
    return refused({ kind: status === 409 ? 'conflict' : 'failing', message });
  }

  return {
    async offer(edition, audience, { waitMs, base, needs }) {
      const { version, sha256: digest, iat } = edition.claims;
      const named = { version, digest, iat, audience, waitMs, ...(needs && { needs }) };
      try {
        const delta = base === undefined ? {} : { delta: deltaOf(base, edition) };
        const first = await post({ ...named, ...delta }, waitMs);
        const word =
          !first.ok && first.error === 'text-needed' ? await post({ ...named, text: edition.text }, waitMs) : first;
        if (word.ok || word.error !== 'text-needed') return word as Result<StageWord, Trouble>;
        return refused({ kind: 'failing', message: 'it asks for a text that it was given' });
      } catch (error) {
        return refused({
          kind: 'failing',
          message: error instanceof Error ? error.message.slice(0, 200) : String(error),
        });
      }
    },
  };
}

/** A word, or a problem. */
type Answer = Partial<StageWord> & { readonly need?: string; readonly detail?: string };

const isWord = (answer: Answer): answer is StageWord =>
  answer.verdict !== undefined && Array.isArray(answer.refusals) && Number.isInteger(answer.asked);

function deltaOf(base: Edition, edition: Edition): string {
  const { header, lines } = splitHeader(edition.text);
  return writeDelta(makeDelta(base.claims.sha256, splitHeader(base.text).lines, header, lines));
}
