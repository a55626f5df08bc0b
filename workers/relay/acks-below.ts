/** What those below say that they have in force: the latest of each, on its way home. */
import { boundedJson } from '#http/bounded-json';
import { problemReply } from '#http/problem-reply';
import type { Reply } from '#http/reply';
import type { KeyRecord } from '#http/sdk-keys';
import { type Ack, ack, ackBatch } from '#schema/acks';
import { EXPECTED_MS, MAX_ACKS_BODY, MAX_ACKS_DEPTH, MAX_INSTANCES } from '#schema/stream-limits';
import { ACKS_TOO_LARGE, badRequest } from './refusals.ts';

export interface AcksBelowOptions {
  /** Passes them on. */
  readonly forward: (acks: readonly Ack[]) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface AcksBelow {
  /** The answer to a request, once what is good of it was taken. */
  receive(request: Request, record: KeyRecord): Promise<Reply>;
  goodbye(instance: string): void;
  /** Instances that were heard lately, and that last said they refused a version. */
  count(): { readonly heard: number; readonly refusing: number };
}

interface Heard {
  readonly at: number;
  readonly refusing: boolean;
}

interface Rejection {
  readonly index: number;
  readonly detail: string;
}

const TAKEN: Reply = { status: 204, headers: {}, body: null };

export function createAcksBelow({ forward, now }: AcksBelowOptions): AcksBelow {
  /** Whoever was heard last comes last. */
  const heard = new Map<string, Heard>();

  function note({ instance, error }: Ack): void {
    heard.delete(instance);
    heard.set(instance, { at: now(), refusing: error !== undefined });
    for (const [oldest, { at }] of heard) {
      if (heard.size <= MAX_INSTANCES && now() - at <= EXPECTED_MS) break;
      heard.delete(oldest);
    }
  }

  return {
    async receive(request, record) {
      const body = await boundedJson(request, MAX_ACKS_BODY, MAX_ACKS_DEPTH);
      if (!body.ok) return body.error === 'too-large' ? ACKS_TOO_LARGE : badRequest('the body is no JSON of acks');
      const batch = ackBatch.safeParse(body.value);
      if (!batch.success) return badRequest('the body must be {"acks": […]}, at most 1,000 of them');
      const { good, rejected } = sorted(batch.data.acks, record);
      for (const one of good) note(one);
      if (good.length > 0) forward(good);
      return rejected.length === 0 ? TAKEN : someBad(rejected);
    },
    goodbye: (instance) => void heard.delete(instance),
    count: () => ({
      heard: heard.size,
      refusing: [...heard.values()].filter(({ refusing }) => refusing).length,
    }),
  };
}

function sorted(acks: readonly unknown[], { kind }: KeyRecord): { good: Ack[]; rejected: Rejection[] } {
  const good: Ack[] = [];
  const rejected: Rejection[] = [];
  for (const [index, one] of acks.entries()) {
    const read = ack.safeParse(one);
    if (!read.success) rejected.push({ index, detail: detailOf(read.error.issues[0]) });
    // What relays and POPs have decides over stages: nobody speaks for them with an SDK's key.
    else if (read.data.kind !== 'sdk' && kind !== 'relay')
      rejected.push({ index, detail: 'kind: this takes a relay key' });
    else good.push(read.data);
  }
  return { good, rejected };
}

const detailOf = (issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string =>
  `${issue?.path.map(String).join('.')}: ${issue?.message}`;

function someBad(rejected: readonly Rejection[]): Reply {
  const detail = `${rejected.length} of the acks are not good, the first at ${rejected[0]?.index}; the others were taken`;
  const problem = { status: 400, title: 'Bad Request', detail, rejected };
  return problemReply(problem);
}
