/** Gives the control plane a change, and tells what came of it. A change that waits for others is done, as far as this command goes. */
import { printable } from '#control/audit/printable';
import type { Operation } from '#schema/control-operation';
import type { ControlClient, ControlRequest } from '../control-client.ts';
import type { DryRunAnswer, WriteAnswer } from './answers.ts';
import type { WriteOptions } from './options.ts';
import { dryRunText, outcomeText } from './outcome-text.ts';
import { print } from './print.ts';

type Outcome = Pick<WriteOptions, 'json' | 'dryRun' | 'idempotencyKey'>;

/** 1 where a dry run finds that it would be refused. */
export async function submit(
  control: ControlClient,
  request: ControlRequest,
  { json, dryRun, idempotencyKey }: Outcome,
  operations?: readonly Operation[],
): Promise<number> {
  if (dryRun) {
    const query = { ...request.query, dryRun: 1 };
    const answer = await control.must<DryRunAnswer | { readonly status: 'unchanged' }>({ ...request, query });
    if ('status' in answer) {
      print(json, answer, () => outcomeText(answer));
      return 0;
    }
    print(json, answer, () => dryRunText(answer, operations));
    return answer.refusal === null ? 0 : 1;
  }
  const answer = await control.must<WriteAnswer>({ ...request, ...(idempotencyKey && { idempotencyKey }) });
  print(json, answer, () => outcomeText(answer));
  tellFrozen(answer);
  return 0;
}

/** On standard error, so that it is seen behind `--json` too. */
export function tellFrozen(answer: WriteAnswer): void {
  if (!('frozen' in answer) || answer.frozen === undefined || answer.frozen.length === 0) return;
  const told = answer.message ?? `config is frozen in ${answer.frozen.join(', ')}`;
  console.error(`warning: ${printable(told)}`);
}
