/** A publish that tells what differs from the lines in force, as one that has them all: everything behind looks at the whole. Pure. */
import { applyDelta } from '#ruleset/delta';
import { checked } from '#ruleset/verify';
import { ok, type Result, refused } from '#schema/result';
import { invalid } from './check-lines.ts';
import type { PublishRequest } from './plan-publish.ts';
import type { Refusal } from './refusal.ts';

/** The same, told shortly. */
export interface ChangesRequest extends Omit<PublishRequest, 'lines'> {
  /** Changed, added and removing lines, as in a delta for readers (`shared/ruleset/delta.ts`). */
  readonly changes: string;
  /** Of the lines that they apply to, which must be those in force. */
  readonly digest: string;
}

export function wholeRequest(
  request: PublishRequest | ChangesRequest,
  force: { readonly lines: string; readonly digest: string } | undefined,
): Result<PublishRequest, Refusal> {
  if ('lines' in request) return ok(request);
  const { changes, digest, ...rest } = request;
  if (force === undefined || force.digest !== digest)
    return refused({ code: 'other-lines', digest: force?.digest ?? '' });
  const lines = checked('bad-lines', () => applyDelta(force.lines, changes));
  if (lines.ok) return ok({ ...rest, lines: lines.value });
  return invalid([{ key: '', message: `out of form or order: ${lines.error.message}` }]);
}
