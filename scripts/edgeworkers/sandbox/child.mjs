/**
 * Where the process of a sandbox begins. Each loads the same: compiled once, it is not compiled again. Plain JavaScript, for the first types
 * that a process has to take out of a source cost it a quarter of a second.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Not by the environment, which is empty.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/planet', import.meta.url)));
await import('./run-sandbox.ts');
// Not at its end, for that is a kill.
flushCompileCache();
