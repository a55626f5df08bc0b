import { expect, it } from 'vitest';
import { keyOf } from '../../../scripts/cli/running-planet.ts';
import type { PlanetFile } from '../../../scripts/planet/state.ts';

const planet: PlanetFile = {
  ...{ ready: true, pid: 7, environment: 'production', urls: {}, processes: {} },
  keys: { admin: 'ls_production.admin.x', editor: 'ls_production.editor.x' },
};

it('says who there is where somebody is asked for who is not, and shows no key', () => {
  expect(keyOf(planet, 'editor')).toBe(planet.keys['editor']);
  expect(() => keyOf(planet, 'ana')).toThrow(/^the planet has no key "ana": there are admin, editor$/);
});
