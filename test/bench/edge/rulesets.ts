/** The signed rulesets that are served, the bindings that the edge Worker reads them with, and what it is asked. */
import { createHash, randomBytes } from 'node:crypto';
import { SEGMENT_PREFIX } from '#schema/limits';
import { compiledMarketplace } from '../../unit/fixtures/marketplace.ts';
import { ENVIRONMENT, type Signer } from '../../unit/fixtures/signing.ts';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { mixedFlags, VERSION } from '../workload/flags.ts';
import { postRequest } from './load.ts';

export { ENVIRONMENT };

const SERVER_KEY = 'ls_server_Jf0mKq3Xw7Zt1Rb5Nc9VdQ2y';
const ROUTE = '/ofrep/v1/evaluate/flags';
/** A split by user behind targets by name, a holdout and two segments. */
const ONE_FLAG = 'pricing.fareBundlingV2';
/** Among the mixed flags, one with five rules and a split. */
const ONE_OF_MANY = mixedFlags(5_000)[2_000]?.key ?? '';
const USERS = 2_000;

/** The marketplace's flags and their segments: all 35, or as many as are asked for in order of key, none of which needs a later one. */
export function marketplaceLines(count = Number.POSITIVE_INFINITY): string {
  const lines = compiledMarketplace().lines.split(/(?<=\n)/);
  const isSegment = (line: string): boolean => line.startsWith(`{"k":"${SEGMENT_PREFIX}`);
  return [...lines.filter((line) => !isSegment(line)).slice(0, count), ...lines.filter(isSegment)].join('');
}

/** Half on/off flags, 30 % splits, 20 % with five rules: about 150 bytes a flag. */
export const mixedLines = (count: number): string => linesOf(mixedFlags(count));

export async function signed(lines: string, signer: Signer): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  return signer.sign(lines, { version: VERSION, iat, exp: iat + 86_400 });
}

/** What a deployment gives the edge Worker, place and keys included. */
export const edgeBindings = ({ publicKey }: Signer, exposures: boolean): Record<string, string> => ({
  ENVIRONMENT,
  REGION: 'us-east-1',
  CLOUD: 'cloudflare',
  POP: 'iad',
  PUBLIC_KEYS: JSON.stringify([publicKey]),
  SDK_KEYS: JSON.stringify([{ sha256: createHash('sha256').update(SERVER_KEY).digest('base64url'), kind: 'server' }]),
  ...(exposures && { INGEST_KEY: 'ls_server_of_the_edge', UNIT_KEY: randomBytes(32).toString('base64url') }),
});

/** One question each of many users, as bytes. */
export const questions = (about: 'one' | 'one-of-many' | 'all'): string[] =>
  Array.from({ length: USERS }, (_, user) => {
    const path = about === 'all' ? ROUTE : `${ROUTE}/${about === 'one' ? ONE_FLAG : ONE_OF_MANY}`;
    return postRequest(path, SERVER_KEY, { context: contextOf(`user-${user}-4f1c9a`) });
  });

const contextOf = (targetingKey: string): object => ({
  targetingKey,
  country: 'DE',
  plan: 'gold',
  appVersion: '5.3.1',
  currency: 'EUR',
  platform: 'ios',
});
