/** Changes that wait: looking at one, and deciding about it. An approval is of the very hash that was shown. */
import { pathOf } from '../control-client.ts';
import type { WriteAnswer } from './answers.ts';
import { readChange } from './change-file.ts';
import { mustConfirm } from './confirm.ts';
import { list } from './listing.ts';
import {
  type ControlOptions,
  type DestructiveOptions,
  type ListOptions,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { outcomeText } from './outcome-text.ts';
import { print } from './print.ts';
import { REQUEST_HEAD, type RequestAnswer, type RequestDetail, requestRow, requestText } from './request-text.ts';
import { submit, tellFrozen } from './submit.ts';
import { withControl } from './with-control.ts';

export interface RequestFilters {
  readonly status?: string;
  readonly environment?: string;
  readonly author?: string;
  readonly flag?: string;
  readonly q?: string;
}

/** What the caller saw: by default it is looked at, and shown. */
export interface SeenOptions {
  readonly hash?: string;
  readonly idempotencyKey?: string;
}

export const listRequests = (options: ListOptions & RequestFilters): Promise<number> =>
  withControl(options, (control) => {
    const { status, environment, author, flag, q } = options;
    const query = { status, environment, author, flag, q };
    return list<RequestAnswer>(control, { path: REQUESTS, query }, options, {
      head: REQUEST_HEAD,
      row: requestRow,
      none: 'no change request waits',
    });
  });

export const showRequest = (id: string, options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const request = await control.must<RequestDetail>({ path: pathOf('change-requests', id) });
    print(options.json, request, () => requestText(request));
    return 0;
  });

export const approveRequest = (id: string, options: ControlOptions & DestructiveOptions & SeenOptions) =>
  withControl(options, async (control) => {
    const path = pathOf('change-requests', id);
    const request = await control.must<RequestDetail>({ path });
    // Beside the answer, which may be JSON. Whoever names the hash has seen it.
    if (options.hash === undefined) {
      console.error(`${requestText(request)}\n`);
      await mustConfirm(`approve ${request.hash}?`, options.yes);
    }
    return settle(options, control, { path: `${path}/approve`, seen: options.hash ?? request.hash });
  });

export const applyRequest = (id: string, options: ControlOptions & SeenOptions): Promise<number> =>
  withControl(options, async (control) => {
    const path = pathOf('change-requests', id);
    const seen = options.hash ?? (await control.must<RequestAnswer>({ path })).hash;
    return settle(options, control, { path: `${path}/apply`, seen });
  });

/** `apply`: `when-approved`, `by-hand` or a time. */
export const scheduleRequest = (id: string, apply: string, options: ControlOptions & SeenOptions): Promise<number> =>
  withControl(options, async (control) => {
    const path = pathOf('change-requests', id);
    const seen = options.hash ?? (await control.must<RequestAnswer>({ path })).hash;
    const body = { apply: apply === 'when-approved' || apply === 'by-hand' ? apply : { at: apply } };
    return settle(options, control, { path: `${path}/schedule`, seen, body });
  });

export const closeRequest = (
  id: string,
  how: 'decline' | 'withdraw',
  options: ControlOptions & { readonly reason: string; readonly idempotencyKey?: string },
): Promise<number> =>
  withControl(options, (control) =>
    settle(options, control, { path: `${pathOf('change-requests', id)}/${how}`, body: { reason: options.reason } }),
  );

export const amendRequest = (id: string, file: string, options: WriteOptions & SeenOptions): Promise<number> =>
  withControl(options, async (control) => {
    const { operations } = await readChange(file);
    const path = pathOf('change-requests', id);
    const seen = options.hash ?? (await control.must<RequestAnswer>({ path })).hash;
    const body = { operations, ...reasonsOf(options) };
    // What it would do is what a change of its own would do.
    const request = options.dryRun
      ? { method: 'POST' as const, path: '/v1/changes', body }
      : { method: 'PUT' as const, path, seen, body };
    return submit(control, { ...request, deadlineMs: 120_000 }, options, operations);
  });

const REQUESTS = pathOf('change-requests');

interface Settling {
  readonly path: string;
  readonly seen?: string;
  readonly body?: object;
}

async function settle(
  { json, idempotencyKey }: ControlOptions & SeenOptions,
  control: Parameters<Parameters<typeof withControl>[1]>[0],
  { path, seen, body }: Settling,
): Promise<number> {
  const answer = await control.must<WriteAnswer>({
    ...{ method: 'POST', path },
    ...(body !== undefined && { body }),
    ...(seen !== undefined && { seen }),
    ...(idempotencyKey && { idempotencyKey }),
  });
  print(json, answer, () => outcomeText(answer));
  tellFrozen(answer);
  return 0;
}
