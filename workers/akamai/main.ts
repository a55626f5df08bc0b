/** The EdgeWorker with all that it can do. `pages.ts` and `ofrep.ts` are bundles of their own, for properties that route them apart. */
export { responseProvider } from './ofrep.ts';
export { onClientRequest, onClientResponse } from './pages.ts';
