/** Bundles a Worker as it is deployed: one ES module for workerd. */
import type { BuildOptions } from 'esbuild';
import { keptBuild } from '../build-cache.ts';
import { bundleText } from '../bundle-text.ts';

export const WORKER_BUILD = {
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['workerd', 'worker', 'browser', 'import'],
  external: ['cloudflare:*', 'node:*'],
  minify: true,
  keepNames: false,
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** `entry` is a path from the root. */
export function buildWorker(entry: string): Promise<string> {
  const options = { ...WORKER_BUILD, entryPoints: [entry] };
  return keptBuild(options, () => bundleText(options));
}
