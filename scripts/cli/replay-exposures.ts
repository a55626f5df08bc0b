/** `lockstep exposures replay`: what cohort shards refused goes to them again. */
import { ingestOf } from './ingest.ts';
import { runningPlanet } from './running-planet.ts';

export async function replayExposures({ json }: { readonly json: boolean }): Promise<number> {
  const answer = await ingestOf(await runningPlanet()).ask('POST', '/v1/quarantine/replay');
  const { replayed } = answer as { readonly replayed: number };
  console.log(
    json ? JSON.stringify(answer, null, 2) : `${replayed} ${replayed === 1 ? 'part' : 'parts'} on the way again`,
  );
  return 0;
}
