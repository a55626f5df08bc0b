/**
 * At an isolate's start-up, for which nobody waits, goes once through what its first request will do: V8 compiles a function when it is
 * first called. Halves the time until an isolate's first decision (test/bench/edge). Nothing of it is kept.
 */
import { encodeBase64url } from '#core/base64url';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { answerOf } from '#http/ofrep-answer';
import { createKeyRing } from '#http/sdk-keys';
import { createRulesetCache } from '#ruleset/cache';
import { readLines } from '#ruleset/reader';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { readWorkerSettings } from './settings.ts';

const HASH = 'A'.repeat(43);

/** A signing key that is nobody's (RFC 7515, A.3.1): what it is said to have signed is refused. */
const PUBLIC_KEY = {
  kid: 'rehearsal',
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};

const BINDINGS = {
  ENVIRONMENT: 'rehearsal',
  CLOUD: 'cloudflare',
  PUBLIC_KEYS: JSON.stringify([PUBLIC_KEY]),
  SDK_KEYS: JSON.stringify([{ sha256: HASH, kind: 'server' }]),
  INGEST_KEY: 'rehearsal',
  UNIT_KEY: HASH,
};

/** A flag with each of what most flags have, and a segment. */
const LINES = [
  {
    k: 'a.flag',
    r: 1,
    v: [
      ['off', 'off', 'b2Zmb2Zm'],
      ['on', 'on', 'b25vbm9u'],
    ],
    s: 'rehearse',
    o: 0,
    n: 1,
    i: [[1, ['user-1']]],
    u: [
      [
        'rule',
        [
          ['in', 'country', ['DE']],
          ['segment', ['staff']],
        ],
        1,
      ],
    ],
    f: [0, [1, 50_000, 0, 100_000]],
  },
  { k: 'segment:staff', r: 1, i: ['user-2'], u: [[['endsWith', 'email', ['@marketplace.example']]]] },
]
  .map((entry) => `${JSON.stringify(entry)}\n`)
  .join('');

export async function rehearse(): Promise<void> {
  const { edge, access } = readWorkerSettings(BINDINGS);
  evaluateAllWays();
  const cache = createRulesetCache({
    environment: edge.environment,
    crypto: createWebCrypto(crypto.subtle as Subtle, edge.publicKeys),
    now: () => 0,
    staleAfterMs: edge.staleAfterMs,
    keep: 0,
    check: 'lines',
  });
  await cache.offer(unsigned());
  cache.status();
  await createKeyRing(access.sdkKeys, crypto.subtle).recordOf({
    headers: new Headers({ authorization: 'Bearer rehearsal' }),
  });
}

function evaluateAllWays(): void {
  const reader = readLines(LINES, 1);
  for (const targetingKey of ['user-1', 'user-2', 'user-3']) {
    const context = createContext({ targetingKey, country: 'DE', email: 'anna@marketplace.example' }, {});
    for (const key of reader.flagKeys()) {
      answerOf(key, evaluate(reader, key, context), { stale: false, clientOnly: false });
    }
  }
}

function unsigned(): string {
  const head = { alg: 'ES256', kid: PUBLIC_KEY.kid };
  const claims = { format: 1, hash: 1, env: 'rehearsal', version: 1, iat: 0, exp: 1, sha256: HASH };
  const [protectedHeader, payload] = [head, claims].map((part) =>
    encodeBase64url(new TextEncoder().encode(JSON.stringify(part))),
  );
  return `${protectedHeader}.${payload}.${HASH}${HASH}\n${LINES}`;
}
