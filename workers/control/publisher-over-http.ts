/** Publishers, one an environment, over their HTTP API (docs/publisher.md). What they answer is believed in form alone. */
import * as z from 'zod';
import { boundedChunks } from '#http/bounded-chunks';
import { withDeadline } from '#http/with-deadline';
import { MAX_RULESET } from '#schema/limits';
import type { Trouble } from './parcel.ts';
import type { KeysOutcome, News, PublisherEntry, PublisherPort, PublishOutcome } from './publisher-port.ts';

export interface PublisherAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

export interface PublisherOptions {
  /** By environment. */
  readonly addresses: ReadonlyMap<string, PublisherAddress>;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** A publish answers after the first attempts at the targets, at most about two seconds after it is in force. */
const DEADLINE_MS = 30_000;
/** Keys are few, and are answered as soon. Whoever does not answer is asked again, for a key that was revoked has to stop. */
const KEYS_DEADLINE_MS = 5_000;
/** A page of the journal has some megabytes where many flags changed at once. */
const MAX_JSON = 16 * 1024 * 1024;
const PAGE = 1_000;
const MAX_DETAIL = 500;

const putInForce = z.object({ version: z.int().min(1), digest: z.string() });
/** By flag, how new it is; where it says nothing of that, all was stamped that was sent, and nothing else. */
const changes = z.record(z.string(), z.string()).default({});
const published = putInForce.extend({ changes });

const problem = z.object({
  detail: z.string().optional(),
  inForce: z.int().optional(),
  unacknowledged: z.array(z.int()).optional(),
  digest: z.string().optional(),
});

const entry = z.object({
  id: z.int().min(1),
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  kind: z.enum(['publish', 'return', 'resign', 'adopt', 'expand', 'override']),
  actor: z.string(),
  reason: z.string().exactOptional(),
  version: z.int().min(0),
  base: z.int().min(0),
  digest: z.string(),
  changes,
});

const journal = z.object({ entries: z.array(entry.transform(withStamped)), next: z.int().optional() });

interface Asked extends RequestInit {
  /** Of the answer. */
  readonly maxBytes: number;
  readonly deadlineMs?: number;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function createPublishersOverHttp({ addresses, fetch }: PublisherOptions): PublisherPort {
  async function ask(environment: string, path: string, asked: Asked): Promise<Reply> {
    const { maxBytes, deadlineMs = DEADLINE_MS, ...init } = asked;
    const address = addresses.get(environment);
    if (address === undefined) throw new Error(`no publisher is set for ${environment} (PUBLISHERS)`);
    const headers = { authorization: `Bearer ${address.key}`, 'content-type': 'application/json' };
    const reply = await withDeadline(deadlineMs, async (signal) => {
      const response = await fetch(new Request(`${address.url}${path}`, { ...init, headers, signal }));
      const bytes =
        response.body === null ? new Uint8Array() : await boundedChunks(response.body.getReader(), maxBytes);
      if (bytes === undefined) throw new Error(`the publisher's answer is larger than ${maxBytes} bytes`);
      return { status: response.status, headers: response.headers, text: new TextDecoder().decode(bytes) };
    });
    if (reply === undefined) throw new Error(`the publisher has not answered for ${deadlineMs / 1_000} s`);
    return reply;
  }

  async function journalBehind(environment: string, after: number): Promise<PublisherEntry[]> {
    const entries: PublisherEntry[] = [];
    for (let from: number | undefined = after; from !== undefined; ) {
      const reply = await ask(environment, `/v1/journal?after=${from}&limit=${PAGE}`, { maxBytes: MAX_JSON });
      if (reply.status !== 200) throw new Error(textOf(reply));
      const page = journal.parse(JSON.parse(reply.text));
      entries.push(...page.entries);
      // One that does not go on would be asked for ever.
      from = page.next !== undefined && page.next > from ? page.next : undefined;
    }
    return entries;
  }

  async function readNews(environment: string, after: number): Promise<News> {
    const entries = await journalBehind(environment, after);
    const reply = await ask(environment, '/v1/ruleset/lines', { maxBytes: MAX_RULESET });
    if (reply.status !== 200) throw new Error(textOf(reply));
    const version = Number(reply.headers.get('lockstep-version'));
    const digest = (reply.headers.get('etag') ?? '').replaceAll('"', '');
    return { kind: 'news', entries, version, digest, lines: reply.text };
  }

  return {
    async publish(environment, request) {
      const { changed, lines, ...rest } = request;
      const post = (content: object): Promise<Reply> =>
        ask(environment, '/v1/ruleset', {
          ...{ maxBytes: MAX_JSON, method: 'POST', body: JSON.stringify({ ...rest, ...content }) },
        });
      try {
        const reply = changed && (await post(changed));
        return outcomeOf(reply === undefined || wantsAll(reply) ? await post({ lines: lines() }) : reply);
      } catch (error) {
        return dark(error);
      }
    },
    async news(environment, after) {
      try {
        return await readNews(environment, after);
      } catch (error) {
        return dark(error);
      }
    },
    async putKeys(environment, request) {
      try {
        const init = { method: 'PUT', body: JSON.stringify(request), deadlineMs: KEYS_DEADLINE_MS };
        return keysOutcomeOf(await ask(environment, '/v1/keys', { ...init, maxBytes: MAX_JSON }));
      } catch (error) {
        return dark(error);
      }
    },
  };
}

function withStamped<T extends { readonly changes: object }>({ changes, ...rest }: T) {
  return { ...rest, stamped: Object.keys(changes) };
}

function outcomeOf(reply: Reply): PublishOutcome {
  if (reply.status === 200) {
    return { kind: 'in-force', ...withStamped(published.parse(JSON.parse(reply.text))) };
  }
  const message = textOf(reply);
  const { inForce, unacknowledged } = problemIn(reply);
  if (reply.status === 409 && (inForce !== undefined || unacknowledged !== undefined))
    return { kind: 'behind', message };
  return { kind: reply.status === 413 || reply.status === 422 ? 'refused' : 'dark', message };
}

/** What is in force there is not what the changes were made from. What that means it says of a whole. */
const wantsAll = (reply: Reply): boolean => reply.status === 409 && problemIn(reply).digest !== undefined;

function keysOutcomeOf(reply: Reply): KeysOutcome {
  if (reply.status === 200) {
    return { kind: 'in-force', ...putInForce.parse(JSON.parse(reply.text)) };
  }
  const { inForce } = problemIn(reply);
  if (reply.status === 409 && inForce !== undefined) return { kind: 'behind', inForce };
  return { kind: reply.status === 413 || reply.status === 422 ? 'refused' : 'dark', message: textOf(reply) };
}

const textOf = (reply: Reply): string => `${reply.status}: ${problemIn(reply).detail ?? ''}`.slice(0, MAX_DETAIL);

function problemIn({ text }: Reply): z.output<typeof problem> {
  try {
    return problem.parse(JSON.parse(text));
  } catch {
    // Not from the publisher, but from something before it.
    return {};
  }
}

const dark = (error: unknown): Trouble => ({
  kind: 'dark',
  message: (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_DETAIL),
});
