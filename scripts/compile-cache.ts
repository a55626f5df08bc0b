import { fileURLToPath } from 'node:url';

/** Where Node keeps what it compiled of the modules that the planet's processes load: only whoever may change those can write there. */
export const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.cache/planet', import.meta.url));
