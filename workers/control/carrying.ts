/** Carries out works, each by itself: none waits for another that hangs, and none rests because another failed. */
export interface Work {
  /** The same whenever it is the same work. */
  readonly name: string;
  /** When it is due (milliseconds since 1970). */
  readonly at: number;
  /** Does all that is due of it. Rejects where the store fails. */
  run(): Promise<unknown>;
}

export interface CarryingDeps {
  readonly now: () => number;
  /** What comes of a work that was done is seen to at once. */
  readonly seeTo: () => Promise<void>;
}

export interface Carrying {
  /** Those that are due, and not under way. */
  due(works: readonly Work[]): readonly Work[];
  /** It has failed a while ago, and is left alone. */
  rests(name: string): boolean;
  /** Begins them. Each resolves once it was done and what came of it was seen to; it rejects where it failed. */
  begin(works: readonly Work[]): readonly Promise<void>[];
  /** Resolves once nothing is under way of what is now, well or not. */
  settled(): Promise<void>;
  /** Has it rest where it fails. */
  watched(name: string, done: Promise<unknown>): Promise<void>;
  /** When to look next (milliseconds since 1970): infinite where none of these is due one day, and nothing is under way. */
  dueAt(works: readonly Pick<Work, 'name' | 'at'>[]): number;
}

/** While something is under way, somebody comes and looks, though whoever began it is gone. */
const LOOK_MS = 10_000;
/** A store that has failed is left alone for so long, by the work that found it so. */
const REST_MS = 10_000;

export function createCarrying({ now, seeTo }: CarryingDeps): Carrying {
  const underWay = new Map<string, Promise<void>>();
  const rests = new Map<string, number>();

  /** A clock that was set back must not make a rest long. */
  const restUntil = (name: string): number => Math.min(rests.get(name) ?? 0, now() + REST_MS);

  async function watched(name: string, done: Promise<unknown>): Promise<void> {
    try {
      await done;
      rests.delete(name);
    } catch (error) {
      rests.set(name, now() + REST_MS);
      throw error;
    }
  }

  async function carry({ name, run }: Work): Promise<void> {
    const done = watched(name, run()).finally(() => underWay.delete(name));
    underWay.set(name, done);
    await done;
    await seeTo();
  }

  return {
    due: (works) => works.filter(({ name, at }) => at <= now() && !underWay.has(name)),
    rests: (name) => restUntil(name) > now(),
    begin: (works) => works.map(carry),
    async settled() {
      await Promise.allSettled(underWay.values());
    },
    watched,
    dueAt(works) {
      const waiting = works.filter(({ name }) => !underWay.has(name));
      const times = waiting.map(({ name, at }) => Math.max(at, restUntil(name)));
      return Math.min(...times, underWay.size > 0 ? now() + LOOK_MS : Number.POSITIVE_INFINITY);
    },
  };
}
