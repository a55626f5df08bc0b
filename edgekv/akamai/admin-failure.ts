/** Tells why EdgeKV does not do what it was asked for. Source of the bodies: akamai-apis, edgekv/v1 (RFC 7807, with an `errorCode`). */
import { TargetBusy } from '../ruleset-target.ts';
import type { AdminAnswer } from './admin-client.ts';

/** Characters of a problem's own text. */
const MAX_DETAIL = 120;
const NO_NAMESPACE = /namespace (?:\S+ )?(?:does not|doesn't) exist/i;

/** Whether an item, or all of its group, is what there is not; a namespace must be made by hand. */
export const isItemMissing = ({ status, text }: AdminAnswer): boolean => status === 404 && !NO_NAMESPACE.test(text);

/** `namespace` and `network` are those that were asked for. */
export function failureOf(
  method: string,
  answer: AdminAnswer,
  { namespace, network }: { readonly namespace: string; readonly network: string },
  now: number,
): Error {
  const { status, headers, text } = answer;
  const { errorCode, detail, title } = problemIn(text);
  const code = errorCode === '' ? '' : ` ${errorCode}`;
  const told = (detail || title).slice(0, MAX_DETAIL);
  const message = `EdgeKV answered ${method} with ${status}${code}${told === '' ? '' : `: ${told}`}`;
  if (status === 429) return new TargetBusy(message, { retryAfterMs: retryAfterMs(headers, now) });
  if (!NO_NAMESPACE.test(detail)) return new Error(message);
  return new Error(`${message}; create namespace ${namespace} on network ${network}: only groups come by themselves`);
}

interface ProblemTexts {
  readonly errorCode: string;
  readonly detail: string;
  readonly title: string;
}

/** What is no problem body, as that of a gateway that is not Akamai's, has no texts. */
function problemIn(text: string): ProblemTexts {
  const { errorCode, detail, title } = fieldsIn(text);
  return { errorCode: textOf(errorCode).slice(0, 32), detail: textOf(detail), title: textOf(title) };
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.replace(/[^ -~]+/g, ' ') : '');

/**
 * RFC 9110 `Retry-After`, or the header by which Akamai's APIs tell when the next call is taken (techdocs.akamai.com, "Rate limiting":
 * an ISO 8601 time). Undefined where neither is there.
 */
function retryAfterMs(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(after)) return Number(after) * 1_000;
  const at = Date.parse(after || (headers.get('x-ratelimit-next') ?? ''));
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
