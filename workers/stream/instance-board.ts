/** Who has what in force, by their own word: bounded, and forgotten after a day of silence. Pure: the clock is passed in. */
import type { Ack } from '#schema/acks';
import { EXPECTED_MS, MAX_INSTANCES, REMEMBERED_MS } from '#schema/stream-limits';

export interface Heard {
  readonly ack: Ack;
  /** When it was heard last (milliseconds since 1970). */
  readonly heardAt: number;
}

export interface InstanceBoard {
  /** False where there is no room for one more. */
  hear(ack: Ack, now: number): boolean;
  /** It has said goodbye, and is nobody's concern any more. */
  forget(instance: string): void;
  of(instance: string): Heard | undefined;
  all(): IterableIterator<Heard>;
  readonly size: number;
  /** The lowest version in force anywhere; `otherwise` where nobody has any. */
  floor(otherwise: number): number;
  /** Digests that somebody has in force. */
  digests(): Set<string>;
  /** Forgets whoever was not heard for a day. */
  forgetOld(now: number): void;
  /** What changed since it was asked last: those to write down, and those that are gone. */
  unsaved(): { readonly heard: readonly Heard[]; readonly gone: readonly string[] };
}

/** A heartbeat that says nothing new is written down no more often than that. */
const SAVE_INTERVAL_MS = 60_000;

export function createInstanceBoard(known: Iterable<Heard> = [], most = MAX_INSTANCES): InstanceBoard {
  const heard = new Map<string, Heard>();
  /** When each was last written down. */
  const savedAt = new Map<string, number>();
  const changed = new Set<string>();
  const gone = new Set<string>();
  for (const one of known) {
    heard.set(one.ack.instance, one);
    savedAt.set(one.ack.instance, one.heardAt);
  }

  function remove(instance: string): void {
    if (!heard.delete(instance)) return;
    changed.delete(instance);
    savedAt.delete(instance);
    gone.add(instance);
  }

  /** The one that was heard longest ago makes room, unless everybody is still expected. */
  function makeRoom(now: number): boolean {
    if (heard.size < most) return true;
    const [oldest] = heard.values();
    if (oldest === undefined || now - oldest.heardAt < EXPECTED_MS) return false;
    remove(oldest.ack.instance);
    return true;
  }

  return {
    hear(ack, now) {
      const { instance } = ack;
      const before = heard.get(instance);
      if (before === undefined && !makeRoom(now)) return false;
      // Behind all others: the map's order is that of when they were heard.
      heard.delete(instance);
      heard.set(instance, { ack, heardAt: now });
      gone.delete(instance);
      const isSame = before?.ack.version === ack.version && before.ack.digest === ack.digest;
      if (!isSame || now - (savedAt.get(instance) ?? 0) >= SAVE_INTERVAL_MS) changed.add(instance);
      return true;
    },
    forget: remove,
    of: (instance) => heard.get(instance),
    all: () => heard.values(),
    get size() {
      return heard.size;
    },
    floor(otherwise) {
      let lowest = otherwise;
      for (const { ack } of heard.values()) if (ack.version > 0 && ack.version < lowest) lowest = ack.version;
      return lowest;
    },
    digests: () => new Set([...heard.values()].map(({ ack }) => ack.digest)),
    forgetOld(now) {
      for (const { ack, heardAt } of heard.values()) {
        if (now - heardAt < REMEMBERED_MS) return;
        remove(ack.instance);
      }
    },
    unsaved() {
      const toSave = [...changed].flatMap((instance) => heard.get(instance) ?? []);
      for (const { ack, heardAt } of toSave) savedAt.set(ack.instance, heardAt);
      const left = { heard: toSave, gone: [...gone] };
      changed.clear();
      gone.clear();
      return left;
    },
  };
}
