/** Orders to `/planet/faults`: which there are, and what each does. */
import { z } from 'zod';
import { ok, type Result, refused } from '#schema/result';
import type { LinkFault } from './faults.ts';
import { MAX_LAG_MS } from './kv-side.ts';
import { isProcess, LINK_NAMES, type LinkName, linksOf, PROCESS_NAMES } from './layout.ts';
import type { Planet } from './planet.ts';

const milliseconds = (most: number) => z.number().int().min(1).max(most);

const forMs = milliseconds(3_600_000).optional();
const link = z.string();

/** How long at most a restarted process stays away, and a call is delayed. */
const MAX_DELAY_MS = 60_000;

const order = z.discriminatedUnion('fault', [
  z.strictObject({ link, fault: z.literal('delay'), ms: milliseconds(MAX_DELAY_MS), forMs }),
  z.strictObject({ link, fault: z.literal('drop'), share: z.number().gt(0).max(1), forMs }),
  z.strictObject({ link, fault: z.literal('cut'), forMs }),
  z.strictObject({ link, fault: z.literal('lag'), ms: milliseconds(MAX_LAG_MS), forMs }),
  z.strictObject({ link, fault: z.literal('restart'), forMs: milliseconds(MAX_DELAY_MS).optional() }),
  z.strictObject({ link, fault: z.literal('kill') }),
  z.strictObject({ link, fault: z.literal('heal') }),
]);

export type FaultOrder = z.output<typeof order>;

/** What an order was done to. */
export interface Done {
  readonly link: string;
  readonly fault: FaultOrder['fault'];
  /** The links, or the process, that it acts on. */
  readonly on: readonly string[];
}

/** A refusal says what is allowed. */
export function parseFaultOrder(body: unknown): Result<FaultOrder, string> {
  const parsed = order.safeParse(body);
  if (!parsed.success) return refused(`${issueText(parsed.error)}; ${FORMS}`);
  const { link: name, fault } = parsed.data;
  const isForProcess = fault === 'restart' || fault === 'kill';
  if (isForProcess ? isProcess(name) : targetsOf(parsed.data).length > 0) return ok(parsed.data);
  return refused(`there is no "${name.slice(0, 64)}" to ${fault}; ${isForProcess ? PROCESSES : NAMES}`);
}

/** Does what was ordered. A restart without an end is waited for. Refused where a process is not in the state for it. */
export async function obeyFaultOrder(
  given: FaultOrder,
  { faults, processes }: Pick<Planet, 'faults' | 'processes'>,
  now: number,
): Promise<Result<Done, string>> {
  const { link: name, fault } = given;
  const links = targetsOf(given);
  const until = 'forMs' in given && given.forMs !== undefined ? { until: now + given.forMs } : {};
  const process = isProcess(name) ? processes.get(name) : undefined;
  switch (given.fault) {
    case 'delay':
    case 'lag':
      faults.set(links, { fault: given.fault, ms: given.ms, ...until });
      break;
    case 'drop':
      faults.set(links, { fault: 'drop', share: given.share, ...until });
      break;
    case 'cut':
      faults.set(links, { fault: 'cut', ...until } satisfies LinkFault);
      break;
    case 'heal':
      faults.heal(links);
      break;
    case 'restart': {
      if (process?.isRestarting() === true) return refused(`${name} is restarting already`);
      const back = process?.restart(given.forMs ?? 0);
      if (given.forMs === undefined) await back;
      return ok({ link: name, fault, on: [name] });
    }
    case 'kill':
      if ((await process?.kill()) !== true) return refused(`${name} is not running`);
      return ok({ link: name, fault, on: [name] });
    default:
      return given satisfies never;
  }
  return ok({ link: name, fault, on: links });
}

/** What POPs read of a store alone can lag. */
function targetsOf({ link: name, fault }: FaultOrder): readonly LinkName[] {
  return linksOf(name).filter((one) => fault !== 'lag' || /^edge-.*kv$/.test(one));
}

const issueText = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
    .slice(0, 500);

const PROCESSES = `processes: ${PROCESS_NAMES.join(', ')}`;
const NAMES = `${PROCESSES} (each for all of its links); links: ${LINK_NAMES.join(', ')}`;
const FORMS =
  'send {"link", "fault": "delay" (ms) | "drop" (share) | "cut" | "lag" (ms) | "restart" | "kill" | "heal", "forMs"?}';
