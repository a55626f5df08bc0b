/** Builds each deployable and fails where it outgrew its budget or holds what does not belong at the edge. */
import { gzipSync } from 'node:zlib';
import { bundleModule, FLAVOURS, mainModule, PARTS } from './akamai/bundle.ts';
import { MAX_MAIN } from './akamai/platform.ts';
import { buildWorker } from './planet/build-worker.ts';

interface Bundle {
  readonly name: string;
  readonly entry: string;
  /** Bytes, minified and gzipped. */
  readonly budget: number;
  /** Words that give away a library or a layer that must not be there. */
  readonly forbidden: readonly string[];
}

/** A word of `sign.ts`. */
const SIGNING = 'lines are not ASCII';

/** What no Worker at the edge needs: zod, the writer's half, signing. */
const EDGE = ['ZodError', '_zod', 'recheck', SIGNING];

/** What every runtime has in it, as small as it is made where size counts most: for EdgeWorkers. */
const LIBRARIES: readonly Bundle[] = [
  {
    name: 'core with the reader',
    entry: 'scripts/bundles/core-and-reader.ts',
    budget: 8 * 1024,
    forbidden: ['ZodError', '_zod', 'hono', 'Hono', 'recheck', 'noble'],
  },
  {
    name: 'the same with cache, deltas and WebCrypto',
    entry: 'scripts/bundles/reader-with-cache.ts',
    budget: 10 * 1024,
    forbidden: ['ZodError', '_zod', 'hono', 'Hono', 'recheck', 'noble'],
  },
  {
    name: "a page's emitter of exposures",
    entry: 'shared/sdk/browser/create-page-emitter.ts',
    budget: 2.5 * 1024,
    forbidden: ['ZodError', '_zod', 'hono', 'Hono', 'recheck', 'noble'],
  },
];

const BUNDLES: readonly Bundle[] = [
  {
    name: 'workers/edge',
    entry: 'workers/edge/index.ts',
    budget: 30 * 1024,
    forbidden: EDGE,
  },
  {
    name: 'workers/edge/examples/price-display',
    entry: 'workers/edge/examples/price-display/index.ts',
    budget: 30 * 1024,
    forbidden: EDGE,
  },
  {
    name: 'workers/edge/examples/page-render',
    entry: 'workers/edge/examples/page-render/index.ts',
    budget: 30 * 1024,
    forbidden: EDGE,
  },
  {
    name: 'workers/publisher',
    entry: 'workers/publisher/index.ts',
    budget: 46 * 1024,
    forbidden: ['ZodError', '_zod', 'recheck'],
  },
  {
    name: 'workers/ingest',
    entry: 'workers/ingest/index.ts',
    // It joins outcomes, keeps statistics and archives, too; no visitor waits for it to start.
    budget: 96 * 1024,
    forbidden: ['recheck', SIGNING],
  },
  {
    name: 'workers/stream',
    entry: 'workers/stream/index.ts',
    budget: 64 * 1024,
    forbidden: ['recheck', SIGNING],
  },
  {
    name: 'workers/control',
    entry: 'workers/control/index.ts',
    // Nearly all of it is the checker of regular expressions, which is to run wherever some are written.
    budget: 900 * 1024,
    forbidden: [SIGNING],
  },
];

for (const library of LIBRARIES) check(library, await bundleModule({ entryPoints: [library.entry] }, 'module'));
for (const bundle of BUNDLES) check(bundle, await buildWorker(bundle.entry));
for (const part of PARTS) {
  for (const flavour of FLAVOURS) {
    const name = `workers/akamai, ${part}, ${flavour}`;
    check({ name, budget: MAX_MAIN, forbidden: EDGE }, await mainModule(flavour, part));
  }
}

function check({ name, budget, forbidden }: Omit<Bundle, 'entry'>, code: string): void {
  const bytes = gzipSync(code, { level: 9 }).byteLength;
  const found = forbidden.filter((word) => code.includes(word));
  const fits = bytes <= budget && found.length === 0;
  const words = found.length === 0 ? '' : `; holds ${found.join(', ')}`;
  console.log(`${fits ? 'ok    ' : 'FAILED'}  ${String(bytes).padStart(6)} of ${budget} bytes  ${name}${words}`);
  if (!fits) process.exitCode = 1;
}
