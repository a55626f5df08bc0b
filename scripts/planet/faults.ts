/** The faults that act on links now. Each link has at most one of a kind; one with an end heals by itself. */
import type { LinkName } from './layout.ts';

export type LinkFault =
  /** Calls take this much longer (milliseconds), by up to a fifth more or less. */
  | { readonly fault: 'delay'; readonly ms: number; readonly until?: number }
  /** This share of the calls (above 0, at most 1) is lost: half of them on the way there, half on the way back. */
  | { readonly fault: 'drop'; readonly share: number; readonly until?: number }
  /** Every call fails at once. */
  | { readonly fault: 'cut'; readonly until?: number }
  /** The store shows what was written longer ago than this (milliseconds): Workers KV and EdgeKV are eventually consistent. */
  | { readonly fault: 'lag'; readonly ms: number; readonly until?: number };

export type LinkFaultKind = LinkFault['fault'];

export interface Faults {
  /** Puts a fault on links, in the place of one of the same kind. */
  set(links: readonly LinkName[], fault: LinkFault): void;
  heal(links: readonly LinkName[]): void;
  of(link: LinkName): readonly LinkFault[];
  /** The fault of that kind on a link. */
  find<Kind extends LinkFaultKind>(link: LinkName, kind: Kind): Extract<LinkFault, { fault: Kind }> | undefined;
  /** Has `notice` called whenever a fault is put on a link. Returns what ends that. */
  watch(link: LinkName, notice: () => void): () => void;
}

export function createFaults(now: () => number): Faults {
  const faults = new Map<LinkName, readonly LinkFault[]>();
  const watchers = new Map<LinkName, Set<() => void>>();
  const of = (link: LinkName): readonly LinkFault[] =>
    (faults.get(link) ?? []).filter(({ until = Number.POSITIVE_INFINITY }) => until > now());
  return {
    of,
    set(links, fault) {
      for (const link of links) {
        faults.set(link, [...of(link).filter((one) => one.fault !== fault.fault), fault]);
        for (const notice of [...(watchers.get(link) ?? [])]) notice();
      }
    },
    heal(links) {
      for (const link of links) faults.delete(link);
    },
    find<Kind extends LinkFaultKind>(link: LinkName, kind: Kind) {
      return of(link).find((one): one is Extract<LinkFault, { fault: Kind }> => one.fault === kind);
    },
    watch(link, notice) {
      const own = watchers.get(link) ?? new Set();
      watchers.set(link, own.add(notice));
      return () => own.delete(notice);
    },
  };
}
