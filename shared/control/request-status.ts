/** Where a request stands once its approvals were counted. */
import type { When } from '#schema/control-command';
import type { MissingApproval } from './refusal.ts';
import type { RequestStatus } from './state.ts';

export function requestStatus(missing: readonly MissingApproval[], apply: When, now: number): RequestStatus {
  if (missing.length > 0) return 'open';
  return typeof apply === 'object' && apply.at > now ? 'scheduled' : 'approved';
}
