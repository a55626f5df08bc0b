/** What the planet says of itself: asked of each process as anybody outside would, never over a link. */
import { z } from 'zod';
import type { LinkFault } from './faults.ts';
import type { PlanetKeys } from './keys.ts';
import {
  bookingOf,
  type Cloud,
  ENVIRONMENT,
  edgeOf,
  LINK_NAMES,
  type LinkName,
  ORIGIN_NAMES,
  ORIGINS,
  type OriginName,
  POP_NAMES,
  POPS,
  type PopName,
  PROCESS_NAMES,
  relayOf,
} from './layout.ts';
import type { LinkCounts } from './link.ts';
import type { Planet } from './planet.ts';
import type { PlanetProcess } from './planet-process.ts';

/** As much of a POP's `/v1/status` as is shown. */
const popAnswer = z.object({
  version: z.number().nullable(),
  ageMs: z.number().optional(),
  stale: z.boolean(),
  expired: z.boolean().optional(),
  refusals: z.number(),
  lastRefusal: z.object({ code: z.string() }).nullish(),
  storeErrors: z.number(),
  source: z.string(),
  exposures: z.object({ evaluated: z.number(), exposed: z.number(), sent: z.number(), dropped: z.number() }).optional(),
});

/** As much of a relay's `/v1/status`. */
const relayAnswer = z.object({
  version: z.number().nullable(),
  ageMs: z.number().optional(),
  stale: z.boolean(),
  refusals: z.number(),
  source: z.string(),
  streams: z.object({ sdk: z.number(), relay: z.number() }),
});

/** As much of a booking service's `/status`. */
const bookingAnswer = z.object({
  version: z.number().nullable(),
  ageMs: z.number().optional(),
  stale: z.boolean(),
  source: z.string(),
});

/** As much of the stream's board, `/v1/convergence`. */
const boardAnswer = z.object({
  version: z.number(),
  floor: z.number(),
  everywhere: z.boolean(),
  regions: z.array(
    z.object({
      region: z.string(),
      cloud: z.string(),
      version: z.number(),
      lowest: z.number(),
      ageMs: z.number(),
      instances: z.number(),
      behind: z.number(),
      stale: z.number(),
    }),
  ),
});

/** As much of the publisher's `/v1/ruleset`. */
const publisherAnswer = z.object({
  version: z.number().nullable(),
  entries: z.number(),
  unacknowledged: z.number(),
  stage: z
    .object({
      version: z.number(),
      phase: z.string(),
      why: z.string().optional(),
      needs: z.record(z.string(), z.number()).optional(),
      first: z.object({ version: z.number(), phase: z.string(), why: z.string().optional() }).optional(),
      everybodys: z.number().nullable(),
    })
    .optional(),
  targets: z.array(
    z.object({
      name: z.string(),
      version: z.number().nullable(),
      state: z.string(),
      attempts: z.number(),
      error: z.string().optional(),
    }),
  ),
});

/** As much of the control plane's `/v1/status`: how long its log is, how much of it is signed, and the planet's environment. */
const controlAnswer = z.object({
  entries: z.number(),
  signed: z.number(),
  environments: z.array(z.object({ environment: z.string(), version: z.number(), frozen: z.boolean() })),
  message: z.string().optional(),
});

/** As much of ingest's `/v1/counts`. */
const ingestAnswer = z.object({ total: z.number(), quarantined: z.number() });

/** What a process answered; null where it did not, within the deadline. */
type Answer<T> = T | null;

export interface ProcessStatus {
  readonly name: string;
  readonly state: 'running' | 'down';
  readonly pid: number | null;
  readonly url: string;
  readonly restarts: number;
}

export interface LinkStatus extends LinkCounts {
  readonly name: LinkName;
  readonly faults: readonly LinkFault[];
}

export interface PopStatus {
  readonly name: PopName;
  readonly cloud: Cloud;
  readonly region: string;
  readonly status: Answer<z.output<typeof popAnswer>>;
}

export interface OriginStatus {
  readonly name: OriginName;
  readonly region: string;
  readonly relay: Answer<z.output<typeof relayAnswer>>;
  readonly booking: Answer<z.output<typeof bookingAnswer>>;
}

export interface PlanetStatus {
  readonly environment: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly processes: readonly ProcessStatus[];
  readonly links: readonly LinkStatus[];
  readonly pops: readonly PopStatus[];
  readonly origins: readonly OriginStatus[];
  /** Which version is in force where, as every instance says it. */
  readonly board: Answer<z.output<typeof boardAnswer>>;
  readonly control: Answer<z.output<typeof controlAnswer>>;
  readonly publisher: Answer<z.output<typeof publisherAnswer>>;
  readonly ingest: Answer<z.output<typeof ingestAnswer>>;
}

/** What does not answer within `deadlineMs` is null. */
export async function planetStatus(planet: Planet, keys: PlanetKeys, deadlineMs: number): Promise<PlanetStatus> {
  const { server, relay: relayKey, publisher: publisherKey } = keys.bearer;
  const { processes } = planet;
  const ask = <T>(process: PlanetProcess | undefined, path: string, key: string, shape: z.ZodType<T>) =>
    answerOf(process, path, key, shape, deadlineMs);
  const [pops, origins, board, control, publisher, ingest] = await Promise.all([
    Promise.all(
      POP_NAMES.map(async (name): Promise<PopStatus> => {
        const status = await ask(processes.get(edgeOf(name)), '/v1/status', server, popAnswer);
        const { cloud, region } = POPS[name];
        return { name, cloud, region, status };
      }),
    ),
    Promise.all(
      ORIGIN_NAMES.filter((name) => processes.has(relayOf(name))).map(async (name): Promise<OriginStatus> => {
        const [relay, booking] = await Promise.all([
          ask(processes.get(relayOf(name)), '/v1/status', server, relayAnswer),
          ask(processes.get(bookingOf(name)), '/status', server, bookingAnswer),
        ]);
        return { name, region: ORIGINS[name].region, relay, booking };
      }),
    ),
    ask(processes.get('stream'), '/v1/convergence?limit=1', relayKey, boardAnswer),
    ask(processes.get('control'), '/v1/status', keys.people.admin, controlAnswer),
    ask(processes.get('publisher'), '/v1/ruleset', publisherKey, publisherAnswer),
    ask(processes.get('ingest'), '/v1/counts?limit=1', server, ingestAnswer),
  ]);
  return {
    environment: ENVIRONMENT,
    time: Date.now(),
    processes: PROCESS_NAMES.flatMap((name) => processStatus(processes.get(name))),
    links: linkStatuses(planet),
    pops,
    origins,
    board,
    control,
    publisher,
    ingest,
  };
}

export const linkStatuses = ({ links, faults }: Planet): LinkStatus[] =>
  LINK_NAMES.map((name) => ({
    name,
    faults: faults.of(name),
    ...(links.get(name)?.counts() ?? { calls: 0, failed: 0 }),
  }));

const processStatus = (one: PlanetProcess | undefined): ProcessStatus[] =>
  one === undefined
    ? []
    : [{ name: one.name, state: one.state(), pid: one.pid() ?? null, url: one.url, restarts: one.restarts() }];

async function answerOf<T>(
  process: PlanetProcess | undefined,
  path: string,
  key: string,
  shape: z.ZodType<T>,
  deadlineMs: number,
): Promise<Answer<T>> {
  if (process === undefined) return null;
  try {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${process.url}${path}`, { headers, signal: AbortSignal.timeout(deadlineMs) });
    return shape.safeParse(await response.json()).data ?? null;
  } catch {
    // It is down, or too slow: that is what the planet says of it.
    return null;
  }
}
