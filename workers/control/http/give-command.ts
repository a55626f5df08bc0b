/** Gives the control plane a command, with what it has to know for it, and says what came of it. */
import type { Command } from '#schema/control-command';
import { ok, type Result, refused } from '#schema/result';
import { executeWithFacts } from '../find-facts.ts';
import type { Answer as Done } from '../order.ts';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import type { Answer, Call } from './route.ts';
import { writeReply } from './write-reply.ts';

export type Caller = Pick<Call<unknown, unknown, unknown>, 'principal' | 'via' | 'idempotency'>;

/** The command's outcome as the caller shall see it; where there was nothing to do, `unchanged`. */
export async function giveCommand(api: Api, caller: Caller, command: Command): Promise<Answer> {
  const done = await carriedOut(api, caller, command);
  return done.ok ? writeReply(api, caller.principal, done.value) : unchangedOr(done.error);
}

/** That everything is like that already is no mistake of whoever says it again. */
export const unchangedOr = (refusal: ApiRefusal): Answer =>
  refusal.code === 'nothing-changes' ? ok({ status: 200, body: { status: 'unchanged' } }) : refused(refusal);

export const carriedOut = (
  { control, ports }: Api,
  { principal, via, idempotency }: Caller,
  command: Command,
): Promise<Result<Done, ApiRefusal>> =>
  executeWithFacts(control.execute, ports, { command, actor: principal, via, ...idempotency });
