/** `lockstep publish`: compiles authored flags on top of what is in force, signs them, and writes them to the store. */
import { createKvRest, type RulesetTarget } from '#edgekv/cloudflare/kv-rest';
import { type VerifiedRuleset, verifyRuleset } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { type ChangeClass, classify } from '#ruleset/write/classify';
import type { Moved } from '#ruleset/write/compile';
import { parseLines } from '#ruleset/write/line';
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
  const result = await publishFlags(path, { target, keys, environment: planet.environment, dryRun: options.dryRun });
  if (options.json) console.log(JSON.stringify(result, null, 2));
  else console.log(`${changeText(result.changes, result.moved)}\n${summary(result)}`);
  return 0;
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
  const unchanged = lines === current?.reader.lines;
  if (dryRun || unchanged) return { version: current?.claims.version, published: false, changes, moved };
  const iat = Math.floor(Date.now() / 1_000);
  const issue = { env: environment, version, iat, exp: iat + LIFETIME_SECONDS };
  const emptied = entries.length === 0 && previous.length > 0;
  const ruleset = await signRuleset(lines, emptied ? { ...issue, emptied } : issue, signingKey(keys));
  const verified = await mustVerify(ruleset, keys, environment);
  await target.write(ruleset, { version, sha256: verified.claims.sha256 });
  return { version, published: true, changes, moved };
}

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
