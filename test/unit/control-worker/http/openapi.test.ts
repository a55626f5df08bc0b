/** The document of the API: whole, sound, and what the routes are. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../../workers/control/http/openapi-document.ts';
import { routes } from '../../../../workers/control/http/routes.ts';

const document = openApiDocument(routes);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  it('has every route once', () => {
    expect(operations).toHaveLength(routes.length);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(routes.length);
  });

  it('passes a public linter, every rule that it recommends', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    const told = problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
    expect(told).toEqual([]);
  });

  it('refers to nothing that it does not have, and has nothing that it does not refer to', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"/]+)"/g)].map(([, name]) => name));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(text.includes('$defs')).toBe(false);
  });

  it('says of every operation who may ask, and gives an example of every body', () => {
    for (const { operation } of operations) {
      expect(operation['x-lockstep-access'], operation.operationId).toMatchObject({ action: expect.any(String) });
      const { content = {} } = (operation.requestBody ?? {}) as { content?: Record<string, { example?: unknown }> };
      for (const { example } of Object.values(content)) expect(example, operation.operationId).toBeDefined();
    }
  });
});
