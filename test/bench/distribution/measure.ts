/** The whole way: an order at the publisher, the canary, three relays, three hundred SDKs. Orders and echoes of the same size take turns. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../../e2e/fixtures/poll.ts';
import { endAll, runScript, startScript } from '../../e2e/fixtures/processes.ts';
import { endHomes, hasVersion, type RelayProcess, startRelay } from '../../e2e/fixtures/relay-process.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../../unit/fixtures/signing.ts';
import { median } from '../report/rows.ts';
import { linesOf } from '../subjects/lockstep-lines.ts';
import { mixedFlags, type SplitFlag } from '../workload/flags.ts';
import type { DistributionCase } from './cases.ts';
import { type Clients, startClients } from './clients.ts';
import { type FreshStarts, measureFreshStarts } from './fresh-starts.ts';
import { type Home, type Ordered, SDK_KEYS, startHome } from './home.ts';
import { monotonicMs } from './monotonic-ms.ts';
import { appliedAt } from './relay-log.ts';

export interface DistributionRow {
  readonly case: DistributionCase;
  readonly subject: 'lockstep' | 'floor';
  /** Of `distribution-delta`: bytes. */
  readonly ns: number;
}

export interface DistributionFigures {
  readonly rows: readonly DistributionRow[];
  readonly flags: number;
  readonly relays: number;
  readonly sdks: number;
  readonly moves: number;
  readonly returns: number;
  /** Of moves, medians (milliseconds from the order): until the canary had it, and the last relay. */
  readonly canaryMs: number;
  readonly relaysMs: number;
}

const FLAGS = 5_000;
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-south-1'] as const;
const SDKS_EACH = 100;
/** Of a quick run: all clients of a process share its one thread, and most of what is measured is theirs. */
const FEW_SDKS_EACH = 10;
/** A change begins so long after the one before, or once that is everywhere. */
const PACE_MS = 200;
/** The first are for the optimising compiler, and for connections. */
const WARM_UP = 10;
/** As it is deployed. */
const BUILT_RELAY = 'node_modules/.cache/relay/relay.cjs';

interface Chain {
  readonly home: Home;
  readonly relays: readonly RelayProcess[];
  readonly clients: Clients;
  /** Where an echo is posted. */
  readonly bareUrl: string;
  readonly signer: Signer;
}

export async function measureDistribution(quick: boolean): Promise<DistributionFigures> {
  const signer = await createSigner();
  const home = await startHome(signer);
  let clients: Clients | undefined;
  try {
    await home.publish({ base: 0, lines: linesOf(FLAGS_ALL) });
    const relays = await startRelays(home, signer);
    const bare = await startBareRelays();
    clients = startClients(
      REGIONS.map((name, at) => ({
        ...{ name, count: quick ? FEW_SDKS_EACH : SDKS_EACH, environment: ENVIRONMENT, publicKeys: [signer.publicKey] },
        ...{ url: relays[at]?.url ?? '', bareUrl: bare.relays[at] ?? '' },
      })),
    );
    return await measureChain({ home, relays, clients, bareUrl: bare.home, signer }, quick);
  } finally {
    await clients?.end();
    await home.stop();
    endAll();
    await endHomes();
  }
}

async function startRelays(home: Home, { publicKey }: Signer): Promise<RelayProcess[]> {
  await runScript('scripts/build-relay.ts', [BUILT_RELAY]);
  const relays: RelayProcess[] = [];
  for (let at = 0; at < REGIONS.length; at++) {
    const env = { SDK_KEYS: RELAYS_KEYS };
    const relay = await startRelay({ home, publicKey, script: BUILT_RELAY, env });
    await hasVersion(relay, 1);
    relays.push(relay);
  }
  return relays;
}

const RELAYS_KEYS = JSON.stringify(
  (JSON.parse(SDK_KEYS) as { kind: string }[]).filter(({ kind }) => kind !== 'publisher'),
);

/** The same path, of processes that only pass on. */
async function startBareRelays(): Promise<{ readonly home: string; readonly relays: readonly string[] }> {
  const start = async (args: readonly string[]): Promise<string> => {
    const running = startScript('test/bench/distribution/bare-relay.ts', args);
    return until('a bare relay listens', () => running.stdout().trim() || undefined);
  };
  const home = await start([]);
  const relays: string[] = [];
  for (let at = 0; at < REGIONS.length; at++) relays.push(await start([home]));
  return { home, relays };
}

const FLAGS_ALL = mixedFlags(FLAGS);
const SPLITS = FLAGS_ALL.filter((flag): flag is SplitFlag => flag.shape === 'split');

/** A share that no split has had before: what served before would be a return. */
function movedLine(count: number): { readonly flag: string; readonly line: string } {
  const { key, revision, salt } = SPLITS[count % SPLITS.length] as SplitFlag;
  const entry = { k: key, r: revision, s: salt, o: 0, f: [0, [0, 30_000 + count, 1, 100_000]] };
  return { flag: key, line: `${JSON.stringify(entry)}\n` };
}

interface Measured {
  readonly ms: number;
  readonly echoMs: number;
  readonly bytes: number;
  readonly version: number;
  /** By the wall clock, which relays tell by. */
  readonly orderedAt: number;
}

async function measureChain(chain: Chain, quick: boolean): Promise<DistributionFigures> {
  const moves = quick ? 50 : 500;
  const sdks = REGIONS.length * (quick ? FEW_SDKS_EACH : SDKS_EACH);
  const { relays, clients, signer } = chain;
  const witness = await openWitness(relays[1]?.url ?? '');
  let { digest } = await clients.have(1);
  await clients.echoed(0);
  console.error(`${sdks} SDKs have version 1 ...`);
  let [version, echoes, count, acknowledge] = [1, 0, 0, 0];
  const orders: Promise<unknown>[] = [];

  async function echoed(path: string): Promise<number> {
    const number = ++echoes;
    const from = monotonicMs();
    const data = JSON.stringify({ number, padding: 'x'.repeat(ECHO_LENGTH) });
    await fetch(chain.bareUrl + path, { method: 'POST', body: `event: echo\ndata: ${data}\n\n` });
    return (await clients.echoed(number)).at - from;
  }

  async function spread(give: () => Promise<Ordered>, kind: string, path: string): Promise<Measured> {
    const pace = new Promise((resolve) => setTimeout(resolve, PACE_MS));
    const [before, orderedAt, from] = [witness.bytes(), Date.now(), monotonicMs()];
    const expected = ++version;
    const ordered = give().then((answer) => expectKind(answer, expected, kind));
    orders.push(ordered);
    // Where it is refused there is nothing to wait for.
    const everywhere = clients.have(expected);
    const last = await Promise.race([everywhere, ordered.then(() => everywhere)]);
    digest = last.digest;
    await until('the witness has it, too', () => witness.bytes() > before || undefined);
    const bytes = witness.bytes() - before;
    const echoMs = await echoed(path);
    if (kind === 'return') acknowledge = (await ordered).journalId ?? 0;
    await pace;
    return { ms: last.at - from, echoMs, bytes, version: expected, orderedAt };
  }

  const move = (): Promise<Measured> => {
    const { line } = movedLine(count++);
    const body = { base: version, digest, changes: line, ...(acknowledge > 0 && { acknowledge }) };
    return spread(() => chain.home.publish(body), 'move', '/');
  };
  const giveBack = (): Promise<Measured> => {
    const { flag } = movedLine(count - 1);
    return spread(() => chain.home.giveBack(flag), 'return', '/all');
  };

  for (let warm = 0; warm < WARM_UP; warm++) await move();
  console.error(`${moves} moves ...`);
  const moved: Measured[] = [];
  for (let at = 0; at < moves; at++) moved.push(await move());
  console.error(`${moves / 5} returns ...`);
  const returned: Measured[] = [];
  for (let at = 0; at < moves / 5; at++) {
    await move();
    returned.push(await giveBack());
  }
  await Promise.all(orders);
  witness.close();
  const { flag } = movedLine(0);
  const starts = await measureFreshStarts({
    ...{ url: relays[0]?.url ?? '', publicKey: signer.publicKey, flag, version, rounds: quick ? 5 : 21 },
  });
  return {
    ...{ rows: rowsOf(moved, returned, starts), flags: FLAGS, relays: relays.length },
    ...{ sdks, moves: moved.length, returns: returned.length, ...stagesOf(moved, relays) },
  };
}

/** About as long as the data of a delta is. */
const ECHO_LENGTH = 700;

function expectKind(answer: Ordered, version: number, kind: string): Ordered {
  const kinds = Object.values(answer.changes);
  if (answer.version === version && kinds.length === 1 && kinds[0] === kind) return answer;
  throw new Error(`no ${kind} to version ${version}: ${JSON.stringify(answer)}`);
}

/** A stream of which only the bytes are counted. */
async function openWitness(url: string): Promise<{ bytes(): number; close(): void }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.byteLength;
  });
  socket.write('GET /v1/stream HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer server\r\n');
  socket.write('lockstep-instance: witness\r\nlockstep-region: eu-west-1\r\nlockstep-cloud: aws\r\n\r\n');
  await once(socket, 'data');
  return { bytes: () => bytes, close: () => socket.destroy() };
}

/** The share of values at or below it. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function rowsOf(moved: readonly Measured[], returned: readonly Measured[], starts: FreshStarts): DistributionRow[] {
  const both = (name: DistributionCase, lockstep: number, floor: number): DistributionRow[] => [
    { case: name, subject: 'lockstep', ns: Math.round(lockstep) },
    { case: name, subject: 'floor', ns: Math.round(floor) },
  ];
  const times = (name: 'move' | 'return', all: readonly Measured[]): DistributionRow[] =>
    ([50, 99] as const).flatMap((share) => {
      const of = (values: readonly number[]): number => percentile(values, share / 100) * 1e6;
      return both(`distribution-${name}-p${share}`, of(all.map(({ ms }) => ms)), of(all.map(({ echoMs }) => echoMs)));
    });
  return [
    ...times('move', moved),
    ...times('return', returned),
    { case: 'distribution-delta', subject: 'lockstep', ns: median(moved.map(({ bytes }) => bytes)) },
    { case: 'distribution-delta', subject: 'floor', ns: movedLine(0).line.length },
    ...both('distribution-start', starts.decisionMs * 1e6, starts.bareMs * 1e6),
  ];
}

/** By what relays logged of themselves. */
function stagesOf(moved: readonly Measured[], relays: readonly RelayProcess[]) {
  const logs = relays.map(({ running }) => appliedAt(running.stdout()));
  const times = moved.map(({ version, orderedAt }) => logs.map((log) => (log.get(version) ?? Number.NaN) - orderedAt));
  return {
    canaryMs: median(times.map((each) => Math.min(...each))),
    relaysMs: median(times.map((each) => Math.max(...each))),
  };
}
