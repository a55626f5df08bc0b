/**
 * Every route with every kind of caller, made from the document of the API: what it says of a route (`x-lockstep-access`) is what the
 * route does. A new route is in the table by itself.
 */
import { describe, expect, it } from 'vitest';
import type { Action, Principal } from '#schema/control-principal';
import { type Operation, openApiDocument } from '../../../../workers/control/http/openapi-document.ts';
import { routes } from '../../../../workers/control/http/routes.ts';
import { everybody, person } from '../../control/fixtures/people.ts';
import { type Answered, foundedApi, type TestApi, tokenOf } from '../fixtures/api.ts';

interface Row {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const rows: Row[] = Object.entries(openApiDocument(routes).paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...{ name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, operation },
  })),
);

/** Of things that are there, so that a refusal is about the caller. */
const PATH_VALUES: Readonly<Record<string, string>> = { environment: 'production', id: 'nobody-knows', seq: '0' };
const KEYS: Readonly<Record<string, string>> = {
  flags: 'pricing.fare',
  segments: 'mine',
  layers: 'experiments',
  holdouts: 'q4',
  projects: 'shop',
  policies: 'pricing',
};

function request({ method, path, operation }: Row): [string, { body?: unknown; headers: Record<string, string> }] {
  const plural = path.split('/').find((part) => part in KEYS) ?? '';
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PATH_VALUES[name] ?? KEYS[plural] ?? 'nothing');
  const query = operation.parameters.flatMap((one) =>
    one.in === 'query' && one.required ? [`${one.name}=${one.example ?? '1'}`] : [],
  );
  const { content = {} } = (operation.requestBody ?? {}) as { content?: Record<string, { example: unknown }> };
  const body = Object.values(content)[0]?.example;
  const isConditional = operation.parameters.some(({ name }) => name === 'If-Match');
  return [
    `${method} ${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    { ...(body !== undefined && { body }), headers: isConditional ? { 'if-match': '"1"' } : {} },
  ];
}

/** Whose token may do that one thing, everywhere, with every role. */
const mayOnly = (...actions: readonly Action[]): Principal => ({
  ...everybody,
  scopes: { environments: ['*'], namespaces: ['*'], actions: [...actions] },
});

/** The same person, as the port knows them by now. */
async function askAs({ ask, ports }: TestApi, row: Row, principal: Principal): Promise<Answered> {
  const one = { ...principal, id: everybody.id };
  ports.principals.set(everybody.id, one);
  const [what, asked] = request(row);
  return ask(what, { ...asked, as: everybody });
}

const isDenied = ({ status, body }: Answered): boolean =>
  status === 401 || status === 403 || (status === 404 && body?.code !== 'no-route');

describe('B43: every route', () => {
  it('says who may ask', () => {
    expect(rows).toHaveLength(routes.length);
    for (const { operation } of rows) {
      const { action } = operation['x-lockstep-access'];
      expect(['public', 'read', 'edit', 'approve', 'administer']).toContain(action);
    }
  });

  it.each(rows)('$name: is closed to nobody, strangers, and tokens of another organisation', async (row) => {
    const { ask, control } = await foundedApi();
    const before = control.status().entries;
    const [what, asked] = request(row);
    const tokens = [undefined, tokenOf(everybody, 'other'), tokenOf(person('stranger', ['admin'])), 'x', ''];
    for (const token of tokens) {
      const headers = { ...asked.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
      expect((await ask(what, { ...asked, as: null, headers })).status).toBe(401);
    }
    expect(control.status().entries).toBe(before);
  });

  it.each(rows)('$name: is open to tokens that may do that, and to no others', async (row) => {
    const access = row.operation['x-lockstep-access'];
    if (access.action === 'public') throw new Error('is not behind a token');
    const enough = new Set<Action>([access.action, ...(access.or ?? [])]);
    for (const action of ['read', 'edit', 'approve', 'administer'] as const) {
      const api = await foundedApi();
      const answer = await askAs(api, row, mayOnly(action));
      const isScope = answer.status === 403 && answer.body.code === 'out-of-scope';
      if (access.over !== 'self' && !enough.has(action)) expect([action, isScope], answer.text).toEqual([action, true]);
      else expect([action, answer.status === 401], answer.text).toEqual([action, false]);
    }
  });

  it.each(rows)('$name: takes the roles that it says', async (row) => {
    const access = row.operation['x-lockstep-access'];
    if (access.action === 'public' || access.roles === 'any' || row.method === 'GET') return;
    const api = await foundedApi();
    const before = api.control.status().entries;
    const answer = await askAs(api, row, { ...everybody, roles: ['passer-by'] });
    // Of what is not there, or asks for another content type, nobody is told more.
    expect(isDenied(answer) || [400, 409, 412, 415, 422].includes(answer.status), answer.text).toBe(true);
    expect(api.control.status().entries).toBe(before);
  });

  it.each(rows)('$name: B51: shows nothing of what the scopes do not hold', async (row) => {
    const api = await foundedApi();
    const before = api.control.status().entries;
    const elsewhere = { environments: ['elsewhere'], namespaces: ['elsewhere'], actions: ['*' as const] };
    const answer = await askAs(api, row, { ...everybody, scopes: elsewhere });
    expect(answer.text).not.toMatch(/pricing-fare|s-1|m-1|holdout-q4|To begin with/);
    expect(api.control.status().entries).toBe(before);
  });
});
