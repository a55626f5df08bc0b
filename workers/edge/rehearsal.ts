/**
 * At an isolate's start-up, for which nobody waits, goes once through what its first request will do: V8 compiles a function when it is
 * first called. Takes a third off the time until an isolate's first decision (test/bench/edge). Nothing of it is kept.
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

/** Flags with most of what flags have, and a segment. */
export const LINES = `{"k":"a.flag","r":1,"v":[["a","a","yT_KZ8SE"],["b","b","mwIrFLX3"]],"s":"rehearse","o":0,"n":1,"h":["h","rehearse",2000],"i":[[1,["user-1"]]],"u":[["rule",[["in","country",["DE"]],["segment",["staff"]]],1]],"f":[0,[1,50000,0,100000]]}
{"k":"b.flag","r":1,"s":"rehearse","o":0,"p":[["a.flag",["b"]]],"u":[["rule",[["semverLessThan","version",["1.2.3"]],["atLeast","seats",[3]]],1]],"f":[0,[1,50000,0,100000]]}
{"k":"segment:staff","r":1,"i":["user-2"],"u":[[["endsWith","email",["@marketplace.example"]],["inCidr","ip",["10.0.0.0/8"]]]]}
`;
const CALLERS = ['user-1', 'user-2', 'user-3'].map((targetingKey) => ({
  targetingKey,
  country: 'DE',
  email: 'anna@marketplace.example',
  ip: '10.0.0.1',
  version: '1.2.2',
  seats: 3,
}));

/** A key that is nobody's (RFC 7515, A.3.1): what it is said to have signed is refused. */
const PUBLIC_KEY = {
  kid: 'rehearsal',
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const HASH = 'A'.repeat(43);
const BINDINGS = {
  ENVIRONMENT: 'rehearsal',
  PUBLIC_KEYS: JSON.stringify([PUBLIC_KEY]),
  SDK_KEYS: JSON.stringify([{ sha256: HASH, kind: 'server' }]),
  INGEST_KEY: 'rehearsal',
  UNIT_KEY: HASH,
};

/** Does nothing that start-up forbids: no I/O, no timers, nothing random. */
export async function rehearse(): Promise<void> {
  const { edge, access } = readWorkerSettings(BINDINGS);
  const reader = readLines(LINES, 1);
  for (const caller of CALLERS) {
    const context = createContext(caller, {});
    const audience = { stale: false, clientOnly: false };
    for (const key of reader.flagKeys()) answerOf(key, evaluate(reader, key, context), audience);
  }
  const headers = new Headers({ authorization: 'Bearer rehearsal' });
  await createKeyRing(access.sdkKeys, crypto.subtle).recordOf({ headers });
  const { environment, publicKeys, staleAfterMs } = edge;
  const verifier = createWebCrypto(crypto.subtle as Subtle, publicKeys);
  const cache = createRulesetCache({
    environment,
    crypto: verifier,
    now: () => 0,
    staleAfterMs,
    keep: 0,
    check: 'lines',
  });
  await cache.offer(`${header()}\n${LINES}`);
  cache.status();
}

function header(): string {
  const head = { alg: 'ES256', kid: PUBLIC_KEY.kid };
  const claims = { format: 1, hash: 1, env: 'rehearsal', version: 1, iat: 0, exp: 1, sha256: HASH };
  const parts = [head, claims].map((part) => encodeBase64url(new TextEncoder().encode(JSON.stringify(part))));
  return `${parts.join('.')}.${HASH}${HASH}`;
}
