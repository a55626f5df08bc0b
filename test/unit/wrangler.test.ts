import { expect, it } from 'vitest';
import { unstable_readConfig as readConfig } from 'wrangler';

const WORKERS = ['edge', 'publisher', 'ingest', 'stream', 'control'];

interface Bound {
  readonly binding: string;
}

interface BoundObject {
  readonly name: string;
  readonly class_name: string;
  readonly script_name?: string;
}

/** What an environment binds, its name, variables' values and resource ids left out. */
function shapeOf(env: string): object {
  const config = readConfig({ config: 'wrangler.toml', env });
  const namesOf = (bound: readonly Bound[] = []): string[] => bound.map(({ binding }) => binding).sort();
  return {
    main: config.main,
    vars: Object.keys(config.vars).sort(),
    namespaces: namesOf(config.kv_namespaces),
    services: namesOf(config.services),
    // Staging's Workers reach into those of staging.
    objects: (config.durable_objects.bindings as readonly BoundObject[]).map((object) => ({
      ...object,
      script_name: object.script_name?.replace(/-staging$/, ''),
    })),
    migrations: config.migrations,
  };
}

it.each(WORKERS)('deploys %s to staging with the bindings of production', (worker) => {
  expect(shapeOf(`${worker}-staging`)).toEqual(shapeOf(worker));
});

it('binds nothing where no environment is named, so that nothing is deployed by mistake', () => {
  const { vars, kv_namespaces: namespaces } = readConfig({ config: 'wrangler.toml' });
  expect([vars, namespaces]).toEqual([{}, []]);
});
