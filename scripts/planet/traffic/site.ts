/** The marketplace as its users reach it: POPs by OFREP, booking services by their own routes. */
import type { Card } from './visits.ts';

/** A flag that an answer told its user of. */
export interface Seen {
  readonly flag: string;
  readonly revision: number;
  readonly variation: string;
}

/** What came of asking. */
export type Heard =
  | { readonly kind: 'answer'; readonly seen: readonly Seen[]; readonly outcome?: Card }
  /** Nobody answered, or cannot now: what was asked for may have been done. */
  | { readonly kind: 'silence' }
  /** An answer that is none. */
  | { readonly kind: 'fault'; readonly why: string };

export interface Site {
  readonly pops: number;
  readonly services: number;
  look(pop: number, user: string, signal: AbortSignal): Promise<Heard>;
  prices(service: number, user: string, signal: AbortSignal): Promise<Heard>;
  checkOut(service: number, order: Order, signal: AbortSignal): Promise<Heard>;
}

export interface Order {
  readonly user: string;
  readonly order: string;
  readonly card: Card;
}

export interface SiteOptions {
  /** Origins. */
  readonly pops: readonly string[];
  readonly services: readonly string[];
  /** The bearer key for POPs. */
  readonly key: string;
  readonly flag: string;
}

export function createSite({ pops, services, key, flag }: SiteOptions): Site {
  const authorization = { authorization: `Bearer ${key}` };
  return {
    pops: pops.length,
    services: services.length,
    look: (pop, user, signal) =>
      ask(
        `${pops[pop]}/ofrep/v1/evaluate/flags/${flag}`,
        { signal, ...posted({ context: { targetingKey: user } }, authorization) },
        (answer) => [seenAtPop(answer)],
      ),
    prices: (service, user, signal) =>
      ask(`${services[service]}/prices?user=${encodeURIComponent(user)}`, { signal }, seenAtService),
    checkOut: (service, order, signal) =>
      ask(`${services[service]}/checkouts`, { signal, ...posted(order) }, seenAtService),
  };
}

const posted = (body: object, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

async function ask(url: string, init: RequestInit, seenIn: (answer: never) => (Seen | undefined)[]): Promise<Heard> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    if (response.status >= 500) return { kind: 'silence' };
    if (!response.ok && response.status !== DECLINED)
      return { kind: 'fault', why: `HTTP ${response.status} of ${url}` };
    const answer = JSON.parse(text) as { readonly card?: Card };
    const seen = seenIn(answer as never).filter((one) => one !== undefined);
    return { kind: 'answer', seen, ...(answer.card && { outcome: answer.card }) };
  } catch (error) {
    return error instanceof SyntaxError ? { kind: 'fault', why: `no JSON of ${url}` } : { kind: 'silence' };
  }
}

/** Payment Required. */
const DECLINED = 402;

interface Metadata {
  readonly version?: number;
  readonly revision?: number;
}

/** What no ruleset decided is nobody's exposure. */
function seenOf(flag: string, variation: string | undefined, { version = 0, revision }: Metadata): Seen | undefined {
  if (variation === undefined || revision === undefined || version === 0) return undefined;
  return { flag, variation, revision };
}

const seenAtPop = (answer: { key: string; variant?: string; metadata: Metadata }): Seen | undefined =>
  seenOf(answer.key, answer.variant, answer.metadata);

interface Details {
  readonly key: string;
  readonly variation?: string;
  readonly metadata: Metadata;
}

const seenAtService = ({ bundling, markup }: { bundling: Details; markup?: Details }): (Seen | undefined)[] =>
  [bundling, ...(markup ? [markup] : [])].map(({ key, variation, metadata }) => seenOf(key, variation, metadata));
