/** Who must still approve a request, as identities are now. */
import { missingApprovals } from '#control/approvals';
import type { MissingApproval } from '#control/refusal';
import type { ChangeRequest } from '#control/state';
import type { Principal } from '#schema/control-principal';
import { ok, type Result } from '#schema/result';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import { factsFor } from './facts-for.ts';

export async function missingIn(
  api: Api,
  principal: Principal,
  request: ChangeRequest,
): Promise<Result<readonly MissingApproval[], ApiRefusal>> {
  const { id, hash } = request;
  const facts = await factsFor(api, { type: 'approve', request: id, hash }, principal);
  return facts.ok ? ok(missingApprovals(api.control.executing.held().state, request, facts.value)) : facts;
}
