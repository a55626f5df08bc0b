/**
 * An exported log read back, page by page (docs/audit.md): entries upon those that are there already, and the state that they come to.
 * Signatures and roots are the shell's to compare, which has the tree.
 */

import type { SealedLeaf } from '#control/audit/entry';
import { type EntryLine, hasHash, isUpon, LEAF_AT } from '#control/audit/entry-line';
import { readExportLine } from '#control/audit/export-line';
import { leafHashIn } from '#control/audit/merkle-hash';
import { sha256 } from '#control/audit/sha256';
import { ok, type Result, refused } from '#schema/result';
import type { Event } from './event.ts';
import { fold } from './evolve.ts';
import type { State } from './state.ts';

export interface RestoredSoFar {
  readonly state: State;
  /** How many entries there are. */
  readonly size: number;
  /** Of the last one. */
  readonly hash: string;
}

export interface RestoredPage extends RestoredSoFar {
  readonly leaves: readonly SealedLeaf[];
  /** Signed notes, in their order. */
  readonly notes: readonly string[];
}

/** `line` counts from 1. */
export interface UnfitLine {
  readonly line: number;
  readonly message: string;
}

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) };

/** `hashAt` gives the hash of an entry that is there already: the same once more is passed over. */
export function readRestoredPage(
  text: string,
  from: RestoredSoFar,
  hashAt: (seq: number) => string | undefined,
): Result<RestoredPage, UnfitLine> {
  let { state, size, hash } = from;
  const leaves: SealedLeaf[] = [];
  const notes: string[] = [];
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const unfit = (message: string): Result<never, UnfitLine> => refused({ line: at + 1, message });
    if (line === '') {
      if (at === lines.length - 1) break;
      return unfit('is empty');
    }
    const read = readExportLine(utf8.encoder.encode(line));
    if (read.kind === 'malformed') return unfit(read.message);
    if (read.kind === 'checkpoint') {
      notes.push(read.note);
      continue;
    }
    const own = leafHashIn(read.line, LEAF_AT, sha256);
    if (!hasHash(read, own)) return unfit(`entry ${read.seq} is not what was logged: it has another hash`);
    if (read.seq < size) {
      if ((leaves[read.seq - from.size]?.hash ?? hashAt(read.seq)) !== own)
        return unfit(`entry ${read.seq} is there already, and is another`);
      continue;
    }
    if (read.seq !== size) return unfit(`entry ${read.seq} comes where entry ${size} should be`);
    if (!isUpon(read, hash)) return unfit(`entry ${read.seq} was not made upon the one before it`);
    const leaf = { seq: read.seq, hash: own, text: leafText(read) };
    const next = folded(state, leaf.text);
    if (!next.ok) return unfit(`entry ${read.seq} ${next.error}`);
    leaves.push(leaf);
    state = next.value;
    size++;
    hash = own;
  }
  return ok({ state, size, hash, leaves, notes });
}

const leafText = ({ line }: EntryLine): string => utf8.decoder.decode(line.subarray(LEAF_AT, line.length - 1));

function folded(state: State, text: string): Result<State, string> {
  try {
    const { entry } = JSON.parse(text) as { readonly entry: { readonly events: readonly Event[] } };
    return ok(fold(state, entry.events));
  } catch (error) {
    // Written by a later version, or by none of ours.
    return refused(`comes to no state: ${error instanceof Error ? error.message : String(error)}`);
  }
}
