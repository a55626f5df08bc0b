/** `npm run build:relay [-- <file>]`: the relay as one file that Node runs by itself, `dist/relay.cjs` unless said otherwise. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundleText } from './bundle-text.ts';

const file = process.argv[2] ?? 'dist/relay.cjs';

const { text } = await bundleText({
  entryPoints: ['workers/relay/index.ts'],
  platform: 'node',
  // prom-client is CommonJS, and asks for Node's modules as that does.
  format: 'cjs',
  target: 'node22',
  // Names of functions stand in the log of a crash.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'error',
});
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, text);
console.log(`${file}: ${text.length} bytes`);
