/** `lockstep publish`: compiles authored flags on top of what is in force, signs them, and writes them to the store. */
import { createKvRest, KvError, type RulesetTarget } from '#edgekv/cloudflare/kv-rest';
import { type VerifiedRuleset, verifyRuleset } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { type ChangeClass, classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Moved } from '#ruleset/write/moved';
import { signRuleset } from '#ruleset/write/sign';
import { keptKeys, type PlanetKeys, signingKey } from '../planet/keys.ts';
import { type PlanetFile, readState } from '../planet/state.ts';
import { CommandError } from './command-error.ts';
import { changeText } from './compile.ts';
import { mustCompileFlags } from './flags-folder.ts';

export interface PublishOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export interface Published {
  /** The version in force now; undefined where nothing ever was. */
  readonly version: number | undefined;
  readonly published: boolean;
  readonly changes: Readonly<Record<string, ChangeClass>>;
  readonly moved: readonly Moved[];
}

/** How long a signature says that it is fresh (seconds). Readers go on serving afterwards, and say STALE. */
const LIFETIME_SECONDS = 30 * 86_400;

export async function publish(path: string, options: PublishOptions): Promise<number> {
  const planet = await readState<PlanetFile>('planet.json');
  const keys = await keptKeys();
  if (planet?.urls['kv'] === undefined || keys === undefined) throw new CommandError('no planet is running: npm start');
  const target = createKvRest({
    namespaceUrl: planet.urls['kv'],
    token: keys.bearer.publisher,
    environment: planet.environment,
    fetch,
  });
  const to = { target, keys, environment: planet.environment, dryRun: options.dryRun };
  const result = await publishFlags(path, to).catch(explainStore);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  else console.log(`${changeText(result.changes, result.moved)}\n${summary(result)}`);
  return 0;
}

/** A store that is out of reach, or refuses, in a sentence. */
function explainStore(error: unknown): never {
  if (error instanceof KvError) throw new CommandError(`the store refused: ${error.message}`);
  // What `fetch` rejects with where nobody listens.
  if (error instanceof TypeError)
    throw new CommandError(`the store cannot be reached (${error.message}): is the planet running? npm start`);
  throw error;
}

function summary({ version, published }: Published): string {
  return published ? `published version ${version}` : `version ${version ?? 'none'} stays in force`;
}

export interface PublishTo {
  readonly target: RulesetTarget;
  readonly keys: PlanetKeys;
  readonly environment: string;
  readonly dryRun: boolean;
}

export async function publishFlags(path: string, { target, keys, environment, dryRun }: PublishTo): Promise<Published> {
  const current = await inForce(target, keys, environment);
  const previous = current === undefined ? [] : parseLines(current.reader.lines);
  const version = (current?.claims.version ?? 0) + 1;
  const { entries, lines, moved } = await mustCompileFlags(path, previous, version);
  const changes = Object.fromEntries(classify(previous, entries));
  const iat = Math.floor(Date.now() / 1_000);
  const unchanged = lines === current?.reader.lines;
  // The same lines are signed again, under the version that they have, once half of their time is over.
  const fresh = unchanged && current.claims.exp - iat > LIFETIME_SECONDS / 2;
  if (dryRun || fresh) return { version: current?.claims.version, published: false, changes, moved };
  const issue = {
    env: environment,
    version: unchanged ? current.claims.version : version,
    iat,
    exp: iat + LIFETIME_SECONDS,
  };
  const emptied = entries.length === 0 && previous.length > 0;
  const ruleset = await signRuleset(lines, emptied ? { ...issue, emptied } : issue, signingKey(keys));
  const verified = await mustVerify(ruleset, keys, environment);
  if ((await target.version()) !== current?.claims.version) throw new CommandError(OVERTAKEN);
  await target.write(ruleset, { version: issue.version, sha256: verified.claims.sha256 });
  if ((await target.read()) !== ruleset) throw new CommandError(OVERTAKEN);
  return { version: issue.version, published: true, changes, moved };
}

const OVERTAKEN = 'somebody else published meanwhile: look at what is in force, and publish again';

async function inForce(
  target: RulesetTarget,
  keys: PlanetKeys,
  environment: string,
): Promise<VerifiedRuleset | undefined> {
  const text = await target.read();
  return text === undefined ? undefined : mustVerify(text, keys, environment);
}

/** Every entry is decoded, as a relay would: what readers would refuse is neither built upon nor written. */
async function mustVerify(ruleset: string, keys: PlanetKeys, environment: string): Promise<VerifiedRuleset> {
  const crypto = createWebCrypto(globalThis.crypto.subtle as Subtle, [keys.signing.publicJwk]);
  const verified = await verifyRuleset(ruleset, environment, crypto);
  if (!verified.ok) throw new CommandError(`the ruleset is refused: ${verified.error.code}: ${verified.error.message}`);
  const [fault] = verified.value.reader.faults();
  if (fault !== undefined) throw new CommandError(`the ruleset is refused: ${fault.key}: ${fault.message}`);
  return verified.value;
}
