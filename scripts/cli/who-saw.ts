/** `lockstep exposures who-saw`: what somebody was served of a flag. */
import { decodeBase64url } from '#core/base64url';
import { createPseudonymiser } from '#exposure/pseudonym';
import { readState } from '../planet/state.ts';
import { CommandError } from './command-error.ts';
import { ingestOf } from './ingest.ts';
import { runningPlanet } from './running-planet.ts';
import { table } from './table.ts';

export interface WhoSawOptions {
  readonly pseudonym: boolean;
  readonly json: boolean;
}

export interface Sighting {
  readonly revision: number;
  readonly rule: string;
  readonly variation: string;
  readonly region: string;
  readonly cloud: string;
  readonly pop: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export async function whoSaw(flag: string, unit: string, { pseudonym, json }: WhoSawOptions): Promise<number> {
  const planet = await runningPlanet();
  const query = new URLSearchParams({ flag, unit: pseudonym ? unit : await pseudonymOf(unit) });
  const answer = await ingestOf(planet).ask('GET', `/v1/who-saw?${query}`);
  const { sightings } = answer as { readonly sightings: readonly Sighting[] };
  console.log(json ? JSON.stringify(answer, null, 2) : sightingsText(sightings));
  return 0;
}

export function sightingsText(sightings: readonly Sighting[]): string {
  if (sightings.length === 0) return 'nothing that has arrived';
  const rows = sightings.map(({ time, revision, variation, rule, region, cloud, pop }) => [
    new Date(time).toISOString(),
    String(revision),
    variation,
    rule || '-',
    [region, cloud, pop].filter((name) => name !== '').join(' ') || '-',
  ]);
  return table([['first at', 'revision', 'variation', 'rule', 'where'], ...rows]);
}

/** POPs make pseudonyms with the planet's key, which ingest has not. */
async function pseudonymOf(unitKey: string): Promise<string> {
  const keys = await readState<{ readonly unit?: string }>('keys.json');
  const key = decodeBase64url(keys?.unit ?? '');
  if (key?.byteLength !== 32) throw new CommandError('the planet has no key for pseudonyms: give one with --pseudonym');
  return createPseudonymiser(key)('user', unitKey);
}
