/** The EdgeWorkers' bundles for a POP of the planet: with its settings, and the token that they read EdgeKV with. */
import { bundleAkamai, type Flavour, PARTS, type Part } from '../../akamai/bundle.ts';
import { keptMain } from '../../akamai/kept-main.ts';
import { type AccessToken, tokensModule } from '../../edgeworkers/edgekv/access-tokens.ts';
import { type PlanetKeys, sdkKeyRecords } from '../keys.ts';
import { ENVIRONMENT, POPS, type PopName } from '../layout.ts';
import { EDGEKV_GROUP, EDGEKV_NAMESPACE } from './edgekv-account.ts';

export interface PopBundle {
  readonly pop: PopName;
  readonly flavour: Flavour;
  readonly keys: PlanetKeys;
  readonly token: AccessToken;
  /** JSON: what it serves before it has any ruleset. */
  readonly offlineDefaults: string;
  readonly revalidateAfterMs: number;
  readonly staleAfterMs: number;
}

/** The view that holds every flag. */
export const VIEW = 'marketplace';

/** What is decided for each page: it shows all of it, so it differs by all of it. */
const FLAGS = ['pricing.fareBundlingV2', 'checkout.trustBadges'];
const UNIT_COOKIE = 'visitor';

/** Ingest, as it is known behind a property: a link leads there. */
export const INGEST_HOST = 'ingest.marketplace.example';

/** By part: what is uploaded. */
export type PopBundles = Readonly<Record<Part, Uint8Array>>;

export async function popBundles({ pop, flavour, keys, token, ...more }: PopBundle): Promise<PopBundles> {
  const { region, cloud } = POPS[pop];
  const settings = {
    ENVIRONMENT,
    REGION: region,
    CLOUD: cloud,
    POP: pop,
    VIEW,
    EDGEKV_NAMESPACE,
    EDGEKV_GROUP,
    PUBLIC_KEYS: JSON.stringify([keys.signing.publicJwk]),
    SDK_KEYS: JSON.stringify(sdkKeyRecords(keys)),
    INGEST_URL: `https://${INGEST_HOST}/v1/exposures`,
    INGEST_KEY: keys.bearer.ingest,
    OFFLINE_DEFAULTS: more.offlineDefaults,
    REVALIDATE_AFTER_MS: String(more.revalidateAfterMs),
    STALE_AFTER_MS: String(more.staleAfterMs),
    FLAGS: JSON.stringify(FLAGS),
    VARY_BY: JSON.stringify(FLAGS),
    UNIT_COOKIE,
  };
  const sources = {
    settings: `export const settings = ${JSON.stringify(settings, null, 2)};\n`,
    tokens: tokensModule([token]),
  };
  const built = await Promise.all(
    PARTS.map(async (part) => {
      const main = await keptMain(flavour, part);
      return [part, await bundleAkamai({ part, flavour, version: 'planet', main, ...sources })] as const;
    }),
  );
  return Object.fromEntries(built) as PopBundles;
}
