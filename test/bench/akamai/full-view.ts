/** A signed view that is as large as a view may be, and EdgeWorkers that are to decide from it. */
import { createHash } from 'node:crypto';
import type { KeyEntry } from '#ruleset/decode-key';
import { keysEnvironment } from '#ruleset/keys-environment';
import { keyLines, withSigningKeys } from '#ruleset/write/key-line';
import { MAX_VIEW } from '#schema/limits';
import { bundleAkamai, type Flavour, type Part } from '../../../scripts/akamai/bundle.ts';
import { akamaiSettings, akamaiTokens } from '../../edgeworkers/fixtures/configuration.ts';
import { createSigner } from '../../unit/fixtures/signing.ts';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { type Flag, mixedFlags, VERSION } from '../workload/flags.ts';

export interface FullView {
  /** As it lies in EdgeKV. */
  readonly text: string;
  /** The document of the keys of a hundred services, `SERVER_KEY` among them. */
  readonly keys: string;
  readonly flags: number;
  /** A bundle that decides so many of its flags for each page; of the part for OFREP, one that `SERVER_KEY` may ask. */
  bundle(part: Part, flavour: Flavour, decided: number): Promise<Uint8Array>;
}

export const SERVER_KEY = 'ls_server_of_the_benchmark';
const hash = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** With that of the benchmark. */
const SERVICES = 100;

/** The header line's length differs by no more than a few digits. */
const HEADER_ROOM = 512;
const DAY_S = 86_400;
/** Two of the flags tell pages apart. */
const VARIED_BY = 2;

export async function createFullView(): Promise<FullView> {
  const signer = await createSigner();
  const flags = asManyAsFit(mixedFlags(5_000));
  const iat = Math.floor(Date.now() / 1_000);
  const issue = { env: 'production/pricing', version: VERSION, iat, exp: iat + DAY_S };
  const text = await signer.sign(linesOf(flags), issue);
  if (text.length > MAX_VIEW) throw new Error(`the view has ${text.length} bytes`);
  const keys = await signer.sign(withSigningKeys(keyLines(issued()), [signer.publicKey]), {
    ...issue,
    env: keysEnvironment('production'),
  });
  return {
    text,
    keys,
    flags: flags.length,
    bundle(part, flavour, decided) {
      const asked = spread(flags, decided);
      const settings = akamaiSettings({
        PUBLIC_KEYS: JSON.stringify([signer.publicKey]),
        FLAGS: JSON.stringify(asked),
        VARY_BY: JSON.stringify(asked.slice(0, VARIED_BY)),
      });
      const tokens = akamaiTokens({ name: 'bench', value: 'bench' });
      return bundleAkamai({ part, flavour, version: 'bench', settings, tokens });
    },
  };
}

const issued = (): readonly KeyEntry[] =>
  Array.from({ length: SERVICES }, (_, at) => {
    return { k: hash(at === 0 ? SERVER_KEY : `ls_server_${at}`), t: 'server', s: `service-${at}`, n: ['*'] };
  });

function asManyAsFit(flags: readonly Flag[]): readonly Flag[] {
  let size = 0;
  const ends = flags.map((flag) => {
    size += linesOf([flag]).length;
    return size;
  });
  return flags.filter((_, at) => (ends[at] ?? 0) <= MAX_VIEW - HEADER_ROOM);
}

/** Flags that have something to decide: splits, and rules with a split behind them; from the whole of the view. */
function spread(flags: readonly Flag[], count: number): readonly string[] {
  const deciding = flags.filter(({ shape }) => shape !== 'switch');
  return Array.from({ length: count }, (_, at) => deciding[Math.floor((at * deciding.length) / count)]?.key ?? '');
}
