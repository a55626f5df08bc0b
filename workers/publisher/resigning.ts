/** Signs what is in force again, before readers take it for stale: the same version, the same lines. */
import type { Claims } from '#schema/claims';
import type { Issuer } from './issuer.ts';
import { ITSELF, type NewEntry } from './journal-store.ts';
import type { InForce, PressStore } from './press-store.ts';
import { LOOK_INTERVAL_MS } from './target-schedule.ts';

export interface ResigningDeps {
  /** Of the key that signs now. */
  readonly kid: string;
  readonly issuer: Pick<Issuer, 'issue'>;
  readonly store: Pick<PressStore, 'inForce'>;
  readonly put: (ruleset: string, entry: Omit<NewEntry, 'version' | 'base' | 'digest'>) => Promise<void>;
  readonly now: () => number;
}

export interface Resigning {
  /** When it is due (milliseconds since 1970). */
  dueAt(force: InForce): number;
  /** Does nothing before. Rejects where it fails; then it is due a while later. */
  run(): Promise<void>;
}

export function createResigning({ kid, issuer, store, put, now }: ResigningDeps): Resigning {
  let notBefore = 0;

  /** Once half of its time is over, or at once where another key signs now. */
  const dueAt = (force: InForce): number => Math.max(notBefore, force.kid === kid ? halfTime(force.claims) : 0);

  return {
    dueAt,
    async run() {
      const force = store.inForce();
      if (force === undefined || now() < dueAt(force)) return;
      notBefore = now() + LOOK_INTERVAL_MS;
      const { version, claims, lines, text } = force;
      const { emptied, takeover } = claims;
      const lasting = { version, ...(emptied && { emptied }), ...(takeover !== undefined && { takeover }) };
      const issued = await issuer.issue(lines, lasting, text);
      if (!issued.ok) throw new Error(`signing version ${version} again: ${JSON.stringify(issued.error)}`);
      await put(issued.value, { time: now(), kind: 'resign', actor: ITSELF, changes: {} });
      notBefore = 0;
    },
  };
}

/** Milliseconds since 1970. */
const halfTime = ({ iat, exp }: Claims): number => ((iat + exp) / 2) * 1_000;
