/** What became of a version behind the publisher: whether any store holds it, and which POPs serve it. */
import type { PlanetFile } from '../planet/state.ts';
import type { Target } from './publisher.ts';
import { type PopVersion, untilServed } from './served-version.ts';
import { table } from './table.ts';

/** How long POPs are waited for before it is told who is behind. */
export const FOLLOW_DEADLINE_MS = 10_000;

export interface Followed {
  /** None where POPs were not asked. */
  readonly pops?: readonly PopVersion[];
  /** Lines for people. */
  readonly text: readonly string[];
  /** 2 where no store holds it, so that nobody can follow; else 0. */
  readonly code: 0 | 2;
}

/** Waits for the POPs where that is wanted, and there is a version to wait for. */
export async function followed(
  planet: PlanetFile,
  { version, targets }: { readonly version: number; readonly targets: readonly Target[] },
  wait: boolean,
): Promise<Followed> {
  const pops = wait && version > 0 ? (await untilServed(planet, version, FOLLOW_DEADLINE_MS)).pops : undefined;
  const isHeld = isHeldSomewhere(targets) || pops?.some((pop) => serves(pop, version)) === true;
  const held = isHeld ? [] : [`no target holds version ${version}: POPs go on with what they have`];
  return { ...(pops && { pops }), text: [...held, ...(pops ? [popText(pops, version)] : [])], code: isHeld ? 0 : 2 };
}

/** A target that is pending may hold it any moment. */
const isHeldSomewhere = (targets: readonly Target[]): boolean =>
  targets.length === 0 || targets.some(({ state }) => state === 'written' || state === 'pending');

const serves = (pop: PopVersion, version: number): boolean => (pop.version ?? 0) >= version;

function popText(pops: readonly PopVersion[], version: number): string {
  if (pops.every((pop) => serves(pop, version))) return `every POP serves version ${version}`;
  return table(pops.map((pop) => [`POP ${pop.name}`, serves(pop, version) ? 'follows' : 'is behind', servesText(pop)]));
}

/** What is stale and has no version may have no ruleset yet, or not answer. */
const servesText = ({ version, stale }: PopVersion): string =>
  version === null ? 'serves no version, or does not answer' : `version ${version}${stale ? ', STALE' : ''}`;
