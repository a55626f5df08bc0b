/** An EdgeWorker asked by OpenFeature's own provider: on the built bundle, in the harness. */
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { askFor, CODE_DEFAULTS, flagTypes, sorted } from '../e2e/fixtures/open-feature.ts';
import { createUsers } from '../e2e/fixtures/users.ts';
import { KEYS, PLACE, POP, readerOfMarketplace } from './fixtures/deployed.ts';
import { bearer, createPops } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

const reader = readerOfMarketplace(7);

describe('the marketplace over OpenFeature, by the provider as npm has it', () => {
  beforeAll(async () => {
    const { url, publish } = await served({ instances: 'reused' });
    await publish(7);
    const headers = Object.entries(bearer(KEYS.server)) as [string, string][];
    await OpenFeature.setProviderAndWait(POP, new OFREPProvider({ baseUrl: url, headers }));
  });
  afterAll(() => OpenFeature.close());

  it('decides every flag for all sorts of users as the evaluator in this process does there', async () => {
    const types = flagTypes(reader);
    expect(types.size).toBe(35);
    const client = OpenFeature.getClient(POP);
    const differences: object[] = [];
    for (const user of createUsers(25)) {
      const context = createContext(JSON.parse(JSON.stringify(user)), PLACE);
      for (const [key, type] of types) {
        const { value, variation, reason, rule, revision, version, metadata } = evaluate(reader, key, context);
        const details = await askFor(client, key, type, user);
        const got = {
          value: details.value,
          ...(value !== undefined && {
            variant: details.variant,
            reason: details.reason,
            metadata: details.flagMetadata,
          }),
        };
        const wanted =
          value === undefined
            ? { value: CODE_DEFAULTS[type] }
            : {
                value,
                variant: variation,
                reason,
                metadata: { version, revision, ...(rule && { rule }), ...metadata },
              };
        if (sorted(got) !== sorted(wanted)) differences.push({ key, user, got, wanted });
      }
    }
    expect(differences).toEqual([]);
  }, 180_000);
});
