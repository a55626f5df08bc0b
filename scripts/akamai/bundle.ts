/** Bundles the EdgeWorker as Akamai takes it: a `.tgz` of ES modules and `bundle.json`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { createTar } from 'nanotar';

/** Where an instance keeps its view: at module scope, or in the platform's `lru-cache`, which not every contract has yet. */
export type Flavour = 'module' | 'lru';

export interface AkamaiBundleOptions {
  readonly flavour: Flavour;
  /** `edgeworker-version`: at most 32 of `[A-Za-z0-9_.~-]`, never used twice for one EdgeWorker ID. */
  readonly version: string;
  /** What takes the place of the settings, and of the tokens, that the repository has. */
  readonly settings?: string;
  readonly tokens?: string;
}

/** Files that stay modules of their own: Akamai's tools, and people, replace them in the bundle. */
const REPLACEABLE = ['./edgekv_tokens.js', './lockstep-settings.js'];
/** The platform's own. Source: techdocs.akamai.com/edgeworkers/docs, "Built-in modules". */
const BUILT_IN = ['cookies', 'create-response', 'crypto', 'encoding', 'http-request', 'log', 'lru-cache'];

const FOLDER = new URL('../../workers/akamai/', import.meta.url);

/** The `.tgz`. */
export async function bundleAkamai({ flavour, version, settings, tokens }: AkamaiBundleOptions): Promise<Uint8Array> {
  const manifest = {
    'edgeworker-version': version,
    'bundle-version': 1,
    'api-version': '0.3',
    description: 'Lockstep',
  };
  const files = [
    { name: 'main.js', data: await mainModule(flavour) },
    { name: 'bundle.json', data: `${JSON.stringify(manifest, null, 2)}\n` },
    { name: 'lockstep-settings.js', data: settings ?? (await source('lockstep-settings.js')) },
    { name: 'edgekv_tokens.js', data: tokens ?? (await source('edgekv_tokens.js')) },
  ];
  // Executable files are refused at upload. One time for all, so that the same source gives the same bundle.
  return gzipSync(createTar(files, { attrs: { mode: '644', uid: 0, gid: 0, mtime: 0 } }), { level: 9 });
}

/** `main.js`: everything but what is replaceable. */
export async function mainModule(flavour: Flavour): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('main.ts', FOLDER))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: [...BUILT_IN, ...REPLACEABLE],
    alias: { '#keep': fileURLToPath(new URL(`keep-in-${flavour}.ts`, FOLDER)) },
    minify: true,
    logLevel: 'silent',
  });
  const [main] = outputFiles;
  if (main === undefined) throw new Error('workers/akamai: nothing was built');
  return main.text;
}

const source = (name: string): Promise<string> => readFile(new URL(name, FOLDER), 'utf8');
