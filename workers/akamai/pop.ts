/**
 * The POP's HTTP surface: OFREP for one view, status and liveness, as the edge Worker has them. Answers are plain data; none of them may be
 * kept by the property.
 */
import { createCrossOrigin } from '#http/cross-origin';
import { type Caller, type Evaluator, type OfrepBody, replyToMany, replyToOne } from '#http/ofrep-reply';
import { FORBIDDEN, METHOD_NOT_ALLOWED, NOT_FOUND, READ_ONLY } from '#http/pop-refusals';
import { keysStatus, LIVE, LIVENESS, statusReply } from '#http/pop-status';
import type { HeaderValues, Reply } from '#http/reply';
import { callerOf, type KeyRecord } from '#http/sdk-keys';
import type { Lockstep } from './lockstep.ts';
import type { PopKeys } from './pop-keys.ts';
import { popRoute } from './pop-route.ts';
import { provenanceHeaders } from './provenance.ts';

export interface PopRequest {
  readonly method: string;
  /** As it stands in the URL, without its query. */
  readonly path: string;
  readonly headers: HeaderValues;
  body(): Promise<OfrepBody>;
}

export type Pop = (request: PopRequest) => Promise<Reply>;

const UNCACHED = { 'cache-control': 'private, no-store' };

export function createPop(lockstep: Lockstep, keys: PopKeys, allowedOrigins: readonly string[]): Pop {
  const { settings, inForce, status } = lockstep;
  const { preflight, answered } = createCrossOrigin(allowedOrigins);

  function answerKnown(request: PopRequest, record: KeyRecord): Promise<Reply> | Reply {
    const asked = popRoute(request.path);
    switch (asked.route) {
      case 'evaluation':
        return request.method === 'POST' ? evaluation(request, asked.key, callerOf(record)) : METHOD_NOT_ALLOWED;
      case 'status':
        return isRead(request) ? statusFor(record) : READ_ONLY;
      case 'none':
        return NOT_FOUND;
      default:
        return asked satisfies never;
    }
  }

  async function evaluation(request: PopRequest, key: string | undefined, caller: Caller): Promise<Reply> {
    const body = await request.body();
    const current = await inForce();
    const evaluator: Evaluator = { ...current, ...caller };
    const headers = { ...provenanceHeaders(current), ...UNCACHED };
    return key === undefined
      ? replyToMany(body, request.headers.get('if-none-match'), evaluator, headers)
      : replyToOne(body, key, evaluator, headers);
  }

  async function statusFor({ kind }: KeyRecord): Promise<Reply> {
    if (kind === 'client') return FORBIDDEN;
    await inForce();
    return statusReply(
      { ...settings, store: 'edgekv', status: status() },
      { view: settings.view, keys: keysStatus(keys.status()) },
    );
  }

  return async (request) => {
    const { method, path, headers } = request;
    const origin = headers.get('origin');
    if (origin !== null && method === 'OPTIONS' && headers.get('access-control-request-method') !== null) {
      return { status: 204, headers: preflight(origin), body: null };
    }
    if (path === LIVENESS && isRead(request)) return LIVE;
    const record = await keys.recordOf(request);
    const reply = record === undefined ? keys.refusal() : await answerKnown(request, record);
    const shared = origin === null ? {} : answered(origin, (record?.kind ?? 'client') !== 'client');
    return { ...reply, headers: { ...UNCACHED, ...reply.headers, ...shared } };
  };
}

const isRead = ({ method }: PopRequest): boolean => method === 'GET' || method === 'HEAD';
