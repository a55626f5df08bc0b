/** The rollout of the marketplace's fares: declared to the planet's ingest, and read. */
import type { PlanetFile } from '../planet/state.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { keyOf, urlOf } from './running-planet.ts';

export const FARES = 'pricing.fareBundlingV2';
const ROLLOUT = 'fare-bundling';

const NEW = {
  flag: FARES,
  consistency: 'session',
  arms: { treatment: 'v2', control: 'control' },
  metrics: [
    { name: 'checkout.error', kind: 'rate' },
    { name: 'checkout.completed', kind: 'conversion' },
    { name: 'checkout.latency', kind: 'latency' },
  ],
} as const;

interface Stage {
  readonly revisions: readonly number[];
}

/** As much of it as is shown. */
export interface FareCohort {
  readonly cohort: { readonly stages: readonly Stage[] };
  /** Parts that have not reached their shard. */
  readonly waiting: number;
  readonly incidents: number;
  readonly regions: readonly {
    readonly metrics: readonly { readonly name: string; readonly outcomes: { readonly counted: number } }[];
  }[];
}

/** A revision that no stage has yet becomes a stage of its own. */
export async function declareFares(planet: PlanetFile): Promise<void> {
  const [before, revision] = await Promise.all([readFares(planet), revisionOf(planet)]);
  const stages = before?.cohort.stages ?? [];
  if (stages.some(({ revisions }) => revisions.includes(revision))) return;
  const body = { ...(before?.cohort ?? NEW), stages: [...stages, { revisions: [revision] }] };
  const answer = await call('ingest', urlIn(planet), { method: 'PUT', key: keyOf(planet, 'rollout'), body });
  if (!answer.ok) throw new CommandError(answer.error.detail);
}

/** Undefined where it was never declared. */
export async function readFares(planet: PlanetFile): Promise<FareCohort | undefined> {
  const answer = await call('ingest', urlIn(planet), { key: keyOf(planet, 'rollout') });
  if (answer.ok) return (await answer.value.json()) as FareCohort;
  if (answer.error.status === 404) return undefined;
  throw new CommandError(answer.error.detail);
}

const urlIn = (planet: PlanetFile): string => `${urlOf(planet, 'ingest')}/v1/cohorts/${ROLLOUT}`;

/** As a POP has it: of all flags, and nobody, so that nobody is exposed. */
async function revisionOf(planet: PlanetFile): Promise<number> {
  const url = `${urlOf(planet, 'edge-iad')}/ofrep/v1/evaluate/flags`;
  const answer = await call('edge-iad', url, { method: 'POST', key: keyOf(planet, 'server'), body: { context: {} } });
  if (!answer.ok) throw new CommandError(answer.error.detail);
  const { flags } = (await answer.value.json()) as {
    readonly flags: readonly { readonly key: string; readonly metadata?: { readonly revision?: number } }[];
  };
  const revision = flags.find(({ key }) => key === FARES)?.metadata?.revision;
  if (revision === undefined) throw new CommandError(`${FARES} is not published: lockstep publish`);
  return revision;
}
