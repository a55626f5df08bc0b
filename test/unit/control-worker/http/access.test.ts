/**
 * B43: every route with every kind of caller, made from the document of the API: what it says of a route (`x-lockstep-access`) is what
 * the route does. A new route is in the table by itself, and fails until somebody says who may ask it (`fixtures/access-samples.ts`).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Action } from '#schema/control-principal';
import { type Operation, openApiDocument } from '../../../../workers/control/http/openapi-document.ts';
import { routes } from '../../../../workers/control/http/routes.ts';
import { ACCESS, type AccessRow, RULES, type Sample } from '../fixtures/access-samples.ts';
import type { Answered, TestApi } from '../fixtures/api.ts';
import { ALIVE, CALLERS, type Caller, NOBODYS } from '../fixtures/callers.ts';

interface Row {
  readonly name: string;
  readonly isWrite: boolean;
  readonly operation: Operation;
}

const rows: Row[] = Object.entries(openApiDocument(routes).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...{ name: `${method.toUpperCase()} ${path}`, isWrite: isWrite(operation.operationId), operation },
  })),
);

function isWrite(id: string): boolean {
  const effect = routes.find((route) => route.id === id)?.effect;
  return effect !== 'none' && effect !== 'question';
}

/** The first test says which are missing. */
const known = rows.filter(({ operation }) => ACCESS.has(operation.operationId));

const rowOf = ({ operation }: Row): AccessRow => ACCESS.get(operation.operationId) as AccessRow;

const asking = (api: TestApi, { request, body, headers = {} }: Sample, token: string | undefined): Promise<Answered> =>
  api.ask(request, {
    ...{ as: null, ...(body !== undefined && { body }) },
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });

const askingAs = (api: TestApi, { request, body, headers = {} }: Sample, caller: Caller): Promise<Answered> =>
  api.ask(request, { as: CALLERS[caller], headers, ...(body !== undefined && { body }) });

const entriesOf = ({ control }: TestApi): number => control.executing.held().end.size;
const isRefused = ({ status, body }: Answered): boolean =>
  status === 403 || (status === 404 && ['not-found', 'no-entry', 'no-request'].includes(body.code));
const isAllowed = ({ status }: Answered): boolean => status === 200 || status === 202;

const callers = Object.keys(CALLERS) as Caller[];
const DOING = [
  ['all roles, editing', 'edit'],
  ['all roles, approving', 'approve'],
  ['all roles, administering', 'administer'],
] as const;
const ELSEWHERE: readonly Caller[] = ['all roles, another namespace', 'all roles, another environment'];

describe('B43: the table of who may ask what', () => {
  it('has every route of the document, and no other', () => {
    expect(rows).toHaveLength(routes.length);
    expect([...ACCESS.keys()].sort()).toEqual(rows.map(({ operation }) => operation.operationId).sort());
  });

  it.each(known)('$name: says what the document says', (row) => {
    const access = row.operation['x-lockstep-access'];
    if (access.action === 'public') throw new Error('is not behind a token');
    const { may } = rowOf(row);
    const allowed: readonly Caller[] = RULES[may];
    const enough = new Set<Action>([access.action, ...(access.or ?? [])]);
    for (const [caller, action] of DOING)
      if (allowed.includes(caller)) expect(enough.has('read') || enough.has(action), caller).toBe(true);
    expect(allowed.includes('all roles, reading')).toBe(access.action === 'read');
    if (Array.isArray(access.roles)) {
      const named = (['admin', 'editor'] as const).filter((role) => access.roles.includes(role));
      expect((['admin', 'editor'] as const).filter((role) => allowed.includes(role))).toEqual(named);
    }
  });
});

describe.each(known)('B43: $name', (row) => {
  const { prepare, sample, may } = rowOf(row);
  const allowed: readonly Caller[] = RULES[may];
  let shared: TestApi;
  let request: Sample;

  beforeAll(async () => {
    shared = await prepare();
    request = await sample(shared);
  });

  it('is closed to whoever is nobody', async () => {
    const before = entriesOf(shared);
    for (const [why, token] of Object.entries(NOBODYS))
      expect([why, (await asking(shared, request, token)).status]).toEqual([why, 401]);
    expect(entriesOf(shared)).toBe(before);
  });

  it.each(callers.filter((caller) => !allowed.includes(caller)))('is closed to %s', async (caller) => {
    const before = entriesOf(shared);
    const answer = await askingAs(shared, request, caller);
    expect(isRefused(answer), `${answer.status} ${answer.text}`).toBe(true);
    expect(entriesOf(shared)).toBe(before);
  });

  it.each(callers.filter((caller) => allowed.includes(caller)))('is open to %s', async (caller) => {
    const api = row.isWrite ? await prepare() : shared;
    const before = entriesOf(api);
    const answer = await askingAs(api, row.isWrite ? await sample(api) : request, caller);
    expect(isAllowed(answer), `${answer.status} ${answer.text}`).toBe(true);
    expect(entriesOf(api) !== before).toBe(row.isWrite);
  });

  it.each(ELSEWHERE)('B51: shows nothing to %s of what the scopes do not hold', async (caller) => {
    const { text } = await askingAs(shared, request, caller);
    expect(text).not.toMatch(/salt-|pricing-fare|s-1|m-1|z-1|holdout-q4|To begin with|deploys\.example/);
  });
});

describe('B43: a service token', () => {
  it.each(known.filter(({ isWrite: writes }) => !writes))('that is valid reads $name', async (row) => {
    const { prepare, sample } = rowOf(row);
    const api = await prepare();
    const answer = await asking(api, await sample(api), ALIVE);
    expect(isAllowed(answer), `${answer.status} ${answer.text}`).toBe(true);
  });
});
