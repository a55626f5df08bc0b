/**
 * At an isolate's start-up, for which nobody waits, goes once through what its first request will do: V8 compiles a function when it is
 * first called. Takes a good third off the time until an isolate's first decision (test/bench/edge). Nothing of it is kept.
 */
import { encodeBase64url } from '#core/base64url';
import { boundedJson } from '#http/bounded-json';
import { MAX_BODY_BYTES, MAX_CONTEXT_DEPTH } from '#http/ofrep-reply';
import type { Reply } from '#http/reply';
import { createKeyRing } from '#http/sdk-keys';
import { createRulesetCache } from '#ruleset/cache';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import { createRulesetSource } from '#sdk/edge/ruleset-source';
import { assembleRuntime } from '#sdk/edge/runtime';
import { replyOf } from './evaluated.ts';
import { readWorkerSettings } from './settings.ts';

/** Flags with most of what flags have, and a segment. */
const LINES = `{"k":"a.flag","r":1,"v":[["a","a","yT_KZ8SE"],["b","b","mwIrFLX3"]],"s":"rehearse","o":0,"n":1,"h":["h","rehearse",2000],"i":[[1,["user-1"]]],"u":[["rule",[["in","country",["DE"]],["segment",["staff"]]],1]],"f":[0,[1,50000,0,100000]]}
{"k":"b.flag","r":1,"s":"rehearse","o":0,"p":[["a.flag",["b"]]],"u":[["rule",[["semverLessThan","version",["1.2.3"]],["atLeast","seats",[3]]],1]],"f":[0,[1,50000,0,100000]]}
{"k":"segment:staff","r":1,"i":["user-2"],"u":[[["endsWith","email",["@marketplace.example"]],["inCidr","ip",["10.0.0.0/8"]]]]}
`;
/** Two flags, and all. */
const QUESTIONS = ['a.flag', 'b.flag', undefined];
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
const ZEROES = 'A'.repeat(43);
const SDK_KEY = 'rehearsal';

/** What is replied to the last caller. Does nothing that start-up forbids: no I/O, no timers, nothing random. */
export async function rehearse(): Promise<readonly Reply[]> {
  const subtle = crypto.subtle as Subtle;
  const { sha256 } = createWebCrypto(subtle, []);
  const { edge, access } = readWorkerSettings(bindings(await sha256(SDK_KEY)));
  const verifier = createWebCrypto(subtle, edge.publicKeys);
  const cache = createRulesetCache({
    environment: edge.environment,
    // Nobody signed this ruleset: it is taken all the same, once it was verified.
    crypto: { ...verifier, verifyEs256: async (...signed) => (await verifier.verifyEs256(...signed)) || true },
    now,
    staleAfterMs: edge.staleAfterMs,
  });
  const text = `${header(await sha256(LINES))}\n${LINES}`;
  await cache.offer(text);
  const source = createRulesetSource(edge, { read: () => Promise.resolve(text) }, cache, now);
  const runtime = assembleRuntime(edge, source, undefined);
  const keys = createKeyRing(access.sdkKeys, subtle);
  let replies: Reply[] = [];
  for (const context of CALLERS) {
    const request = requestOf(JSON.stringify({ context }));
    await keys.recordOf(request);
    const body = await boundedJson(request, MAX_BODY_BYTES, MAX_CONTEXT_DEPTH);
    const evaluator = await runtime.evaluator(request, { clientOnly: false }, () => {});
    replies = QUESTIONS.map((key) => replyOf({ request, key }, body, evaluator, 0));
  }
  return replies;
}

const now = (): number => 0;

/** As much of a request as is looked at: a real one cannot be read at start-up, no more than a response with a body can be made. */
const requestOf = (body: string): Request =>
  ({
    headers: new Headers({ authorization: `Bearer ${SDK_KEY}`, 'content-length': String(body.length) }),
    text: () => Promise.resolve(body),
  }) as Pick<Request, 'headers' | 'text'> as Request;

const bindings = (sha256: string): Readonly<Record<string, string>> => ({
  ENVIRONMENT: 'rehearsal',
  PUBLIC_KEYS: JSON.stringify([PUBLIC_KEY]),
  SDK_KEYS: JSON.stringify([{ sha256, kind: 'server' }]),
  INGEST_KEY: 'rehearsal',
  UNIT_KEY: ZEROES,
});

function header(sha256: string): string {
  const head = { alg: 'ES256', kid: PUBLIC_KEY.kid };
  const claims = { format: 1, hash: 1, env: 'rehearsal', version: 1, iat: 0, exp: 1, sha256 };
  const parts = [head, claims].map((part) => encodeBase64url(new TextEncoder().encode(JSON.stringify(part))));
  return `${parts.join('.')}.${ZEROES}${ZEROES}`;
}
