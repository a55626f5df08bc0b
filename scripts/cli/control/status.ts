/** How the control plane stands, who asks, and how an organisation begins. */
import { printable } from '#control/audit/printable';
import type { Operation } from '#schema/control-operation';
import { CommandError } from '../command-error.ts';
import type { WriteAnswer } from './answers.ts';
import { readChange } from './change-file.ts';
import type { ControlOptions } from './options.ts';
import { outcomeText } from './outcome-text.ts';
import { print, safeTable } from './print.ts';
import { withControl } from './with-control.ts';

interface EnvironmentStatusAnswer {
  readonly environment: string;
  readonly generation: number;
  readonly version: number;
  readonly frozen: boolean;
  readonly waiting?: {
    readonly since: string;
    readonly attempts: number;
    readonly trouble?: { readonly kind: string; readonly message: string };
  };
}

interface StatusAnswer {
  readonly entries: number;
  readonly signed: number;
  readonly environments: readonly EnvironmentStatusAnswer[];
  /** Where config is frozen, in words. */
  readonly message?: string;
}

export const status = (options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const found = await control.must<StatusAnswer>({ path: '/v1/status' });
    print(options.json, found, () => statusText(found));
    return 0;
  });

export function statusText({ entries, signed, environments, message }: StatusAnswer): string {
  const log = `log  ${entries} entries, ${signed === entries ? 'all of them signed' : `the first ${signed} of them signed`}`;
  const rows = environments.map(environmentRow);
  return [
    log,
    '',
    rows.length === 0
      ? 'no environment'
      : safeTable([['environment', 'version', 'state', 'waits since', 'why'], ...rows]),
    ...(message === undefined ? [] : ['', printable(message)]),
  ].join('\n');
}

function environmentRow({ environment, version, frozen, waiting }: EnvironmentStatusAnswer): string[] {
  const state = frozen ? 'FROZEN' : waiting === undefined ? 'published' : 'is being published';
  const trouble = waiting?.trouble;
  return [
    environment,
    version === 0 ? 'none' : String(version),
    state,
    waiting?.since ?? '-',
    trouble === undefined ? '-' : `${trouble.kind}: ${trouble.message}`,
  ];
}

interface MeAnswer {
  readonly id: string;
  readonly person: string;
  readonly kind: string;
  readonly roles: readonly string[];
  readonly scopes: {
    readonly environments: readonly string[];
    readonly namespaces: readonly string[];
    readonly actions: readonly string[];
  };
}

export const whoami = (options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const me = await control.must<MeAnswer>({ path: '/v1/me' });
    print(options.json, me, () => meText(me));
    return 0;
  });

const meText = ({ id, person, kind, roles, scopes }: MeAnswer): string =>
  safeTable([
    ['identity', id],
    [kind, person],
    ['roles', roles.join(', ') || '-'],
    ['may', scopes.actions.join(', ')],
    ['environments', scopes.environments.join(', ')],
    ['namespaces', scopes.namespaces.join(', ')],
  ]);

export interface FoundOptions extends ControlOptions {
  readonly reason: string;
  readonly environment?: readonly string[];
  /** Operations to begin with. */
  readonly file?: string;
  readonly idempotencyKey?: string;
}

/** The first entry of the log. */
export const found = (options: FoundOptions): Promise<number> =>
  withControl(options, async (control) => {
    const { environment = [], file, reason: justification, json, idempotencyKey } = options;
    const others = file === undefined ? [] : (await readChange(file)).operations;
    const operations = [...environment.map(environmentPut), ...others];
    if (operations.length === 0) throw new CommandError('begin with at least one --environment');
    const answer = await control.must<WriteAnswer>({
      ...{ method: 'POST', path: '/v1/organisation', body: { operations, justification } },
      ...(idempotencyKey && { idempotencyKey }),
    });
    print(json, answer, () => outcomeText(answer));
    return 0;
  });

const environmentPut = (key: string): Operation =>
  ({ op: 'put', kind: 'environment', key, base: 0, body: { name: key, description: '' } }) satisfies Operation;
