/** A change from the wire: submitted, or, in a dry run, shown. */
import { jsonFault } from '#control/audit/json-fault';
import { diffChange } from '#control/diff-change';
import { patternRefusal } from '#control/pattern-budget';
import { refusalMessage } from '#control/refusal-message';
import { secretPath } from '#control/secret-path';
import type { Change, Command } from '#schema/control-command';
import { ok, refused } from '#schema/result';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import { factsFor } from './facts-for.ts';
import { type Caller, giveCommand, unchangedOr } from './give-command.ts';
import { mayReadAll, namedRefusal, UNREADABLE } from './readable.ts';
import type { Answer, Call } from './route.ts';

export type Submitter = Caller & Pick<Call<unknown, unknown, unknown>, 'isDryRun'>;

/** Where there are no operations, everything is like that already; with a key, that is kept as any answer is. */
export async function submitChange(api: Api, caller: Submitter, change: Change): Promise<Answer> {
  const isKept = caller.idempotency !== undefined && !caller.isDryRun;
  if (change.operations.length === 0 && !isKept) return unchangedOr({ code: 'nothing-changes' });
  return caller.isDryRun ? dryRun(api, caller, change) : giveCommand(api, caller, { type: 'submit', change });
}

/** Whoever may not read what it names or affects is told that, and nothing about it. */
async function dryRun(api: Api, { principal }: Caller, change: Change): Promise<Answer> {
  const unfit = unfitRefusal(api, { type: 'submit', change });
  if (unfit !== undefined) return refused(unfit);
  const { state } = api.control.executing.held();
  const outright = namedRefusal(state, principal, change.operations) ?? patternRefusal(state, change.operations);
  if (outright !== undefined) return refused(outright);
  const facts = await factsFor(api, { type: 'submit', change }, principal);
  if (!facts.ok) return facts;
  const diff = diffChange(state, change, principal, facts.value);
  if (!diff.ok) return unchangedOr(diff.error);
  const { refusal, requirements } = diff.value;
  if (!mayReadAll(principal, requirements)) return refused(UNREADABLE);
  const message = refusal === null ? null : refusalMessage(refusal);
  return ok({ status: 200, body: { dryRun: true, ...diff.value, message } });
}

/** What would refuse it as an entry of the log, whoever gives it. */
function unfitRefusal({ control }: Api, command: Command): ApiRefusal | undefined {
  const [secretAt, fault] = [secretPath(command), jsonFault(command)];
  if (secretAt !== undefined) return { code: 'holds-secret', path: secretAt };
  return fault === undefined ? control.executing.unfit(command) : { code: 'no-json', ...fault };
}
