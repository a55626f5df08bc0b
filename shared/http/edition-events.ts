/**
 * What a stream says of a ruleset, or of a keys document: a delta on what a client has, or, where that is not kept or the delta is too
 * long, a pointer. Each text is made once and is the same for all clients, so that ten thousand of them cost what one does.
 */
import { type Position, positionText } from '#ruleset/position';
import type { BasedDelta } from '#ruleset/verify';
import { makeDelta, writeDelta } from '#ruleset/write/make-delta';
import { MAX_EVENT } from '#schema/stream-limits';
import { sseEvent } from './sse-event.ts';

/** A verified ruleset in its two parts. */
export interface Edition extends Position {
  /** The signed header line, without its line feed. */
  readonly header: string;
  readonly lines: string;
  /** What it came as, where that was a delta: it is passed on as it is to whoever has the lines that it is on. */
  readonly delta?: BasedDelta | undefined;
}

/** What the data of an event is, as JSON. */
export type EditionData = Position &
  (
    | { readonly delta: string }
    | { readonly header: string /** Of the lines, or of the whole document. */; readonly path: string }
  );

export interface EditionEvents<Chunk> {
  readonly edition: Edition;
  /** For a client that has the lines of digest `base`; undefined where it has none, or it is not known which. */
  from(base: string | undefined): Chunk;
}

export interface EditionEventsOptions<Chunk> {
  /** `keys`: the keys document, whose events have no id. */
  readonly event: 'ruleset' | 'keys';
  /** Lines by their digest; undefined where they are not kept. */
  readonly linesOf: (digest: string) => string | undefined;
  /** How a text is written to a client, as bytes for example. */
  readonly encode: (text: string) => Chunk;
}

/** A server keeps fewer rulesets than that. */
const MAX_BASES = 1_000;

export function createEditionEvents<Chunk>(
  edition: Edition,
  { event, linesOf, encode }: EditionEventsOptions<Chunk>,
): EditionEvents<Chunk> {
  // Its lines are asked for where nothing else will do: they may have to be put together.
  const { version, digest, header } = edition;
  const byBase = new Map<string, Chunk>();
  let pointer: Chunk | undefined;

  const textOf = (data: EditionData): string =>
    sseEvent({ event, ...(event === 'ruleset' && { id: positionText(edition) }), data: JSON.stringify(data) });

  function madeOn(base: string): string | undefined {
    const before = linesOf(base);
    return before === undefined ? undefined : writeDelta(makeDelta(base, before, header, edition.lines));
  }

  function deltaFrom(base: string): Chunk | undefined {
    const delta = edition.delta?.base === base ? edition.delta.text : madeOn(base);
    // Written as JSON it is longer still.
    const text = delta === undefined || delta.length > MAX_EVENT ? undefined : textOf({ version, digest, delta });
    return text === undefined || text.length > MAX_EVENT ? undefined : encode(text);
  }

  function pointed(): Chunk {
    const path = event === 'ruleset' ? `/v1/rulesets/${digest}` : '/v1/keys';
    pointer ??= encode(textOf({ version, digest, header, path }));
    return pointer;
  }

  return {
    edition,
    from(base) {
      if (base === undefined) return pointed();
      const known = byBase.get(base);
      if (known !== undefined) return known;
      const made = deltaFrom(base);
      // Digests that nobody knows are without end, and need no memory.
      if (made === undefined && linesOf(base) === undefined) return pointed();
      const chunk = made ?? pointed();
      if (byBase.size < MAX_BASES) byBase.set(base, chunk);
      return chunk;
    },
  };
}
