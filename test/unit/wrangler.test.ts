import { expect, it } from 'vitest';
import { unstable_readConfig as readConfig } from 'wrangler';

const WORKERS = ['edge'];

/** What an environment binds, its name, variables' values and resource ids left out. */
function shapeOf(env: string): object {
  const { main, vars, kv_namespaces: namespaces } = readConfig({ config: 'wrangler.toml', env });
  return {
    main,
    vars: Object.keys(vars).sort(),
    namespaces: namespaces.map(({ binding }: { binding: string }) => binding).sort(),
  };
}

it.each(WORKERS)('deploys %s to staging with the bindings of production', (worker) => {
  expect(shapeOf(`${worker}-staging`)).toEqual(shapeOf(worker));
});

it('binds nothing where no environment is named, so that nothing is deployed by mistake', () => {
  const { vars, kv_namespaces: namespaces } = readConfig({ config: 'wrangler.toml' });
  expect([vars, namespaces]).toEqual([{}, []]);
});
