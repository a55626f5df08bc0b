/** Preloaded by `constants.ts`: exchanges one token of one module as it is loaded. */
import { registerHooks } from 'node:module';

const { url, at, from, to } = JSON.parse(process.env['MUTANT'] ?? '{}');

registerHooks({
  load(module, context, nextLoad) {
    const loaded = nextLoad(module, context);
    if (module !== url) return loaded;
    const source = String(loaded.source);
    if (source.slice(at, at + from.length) !== from) throw new Error(`no ${from} at ${at} of ${url}`);
    return { ...loaded, source: source.slice(0, at) + to + source.slice(at + from.length) };
  },
});
