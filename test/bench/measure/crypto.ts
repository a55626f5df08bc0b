/** What verifying a ruleset costs before it is read: the digest of its lines, and the ES256 signature of its header. */
import { createHash, generateKeyPairSync, sign, verify, webcrypto } from 'node:crypto';
import type { CryptoRow } from '../report/rows.ts';
import type { Runner } from '../subject.ts';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { mixedFlags } from '../workload/flags.ts';
import { timed, warmUp } from './clock.ts';

const ROUNDS = 15;

/** The fastest of some rounds each. */
export async function measureCrypto(): Promise<CryptoRow[]> {
  const rows: CryptoRow[] = [];
  for (const [what, runner] of [...digests(1_000), ...digests(5_000), ...(await signatures())]) {
    const count = await warmUp(runner);
    let ns = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) ns = Math.min(ns, (await timed(runner, count)) / count);
    rows.push({ what, ns: Math.round(ns) });
  }
  return rows;
}

function digests(flags: number): [string, Runner][] {
  const bytes = new TextEncoder().encode(linesOf(mixedFlags(flags)));
  const what = `SHA-256 of ${flags} flags' lines (${bytes.length} bytes)`;
  return [
    [`${what}, node:crypto`, repeated(() => createHash('sha256').update(bytes).digest().length)],
    [`${what}, WebCrypto`, repeated(async () => (await webcrypto.subtle.digest('SHA-256', bytes)).byteLength)],
  ];
}

async function signatures(): Promise<[string, Runner][]> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = new TextEncoder().encode('x'.repeat(420));
  const signature = sign('sha256', header, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const key = await webcrypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
  const byNode = () => Number(verify('sha256', header, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
  const byWebCrypto = async () => Number(await webcrypto.subtle.verify(algorithm, key, signature, header));
  return [
    ['ES256 verification of a header, node:crypto', repeated(byNode)],
    ['ES256 verification of a header, WebCrypto', repeated(byWebCrypto)],
  ];
}

const repeated =
  (once: () => number | Promise<number>): Runner =>
  async (count) => {
    let total = 0;
    for (let run = 0; run < count; run++) total += await once();
    return total;
  };
