/** `main.js` of an EdgeWorker for the planet and for tests, which need it often. What is uploaded is built (`build.ts`). */
import { keptBuild } from '../build-cache.ts';
import { buildMain, type Flavour, type Part } from './bundle.ts';

/** Files that decide how it is made, and are no part of it. */
const MAKERS = [
  'scripts/akamai/bundle.ts',
  'scripts/akamai/short-names.ts',
  'scripts/bundle-text.ts',
  'scripts/edgeworkers/built-in-modules.ts',
];

export const keptMain = (flavour: Flavour, part: Part): Promise<string> =>
  keptBuild({ part, flavour }, async () => {
    const { text, inputs } = await buildMain(flavour, part);
    return { text, inputs: [...inputs, ...MAKERS] };
  });
