/** Bundles the EdgeWorker as Akamai takes it: a `.tgz` of ES modules and `bundle.json`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import type { Built } from '../build-cache.ts';
import { bundleText } from '../bundle-text.ts';
import { BUILT_IN, LEFT_OUT } from '../edgeworkers/built-in-modules.ts';
import { packTgz } from './pack-tgz.ts';
import { FEW_LETTERS, SHORT_NAMES } from './short-names.ts';

/** Where an instance keeps its view: at module scope, or in the platform's `lru-cache`, which not every contract has yet. */
export const FLAVOURS = ['module', 'lru'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** What an EdgeWorker is for: each is a property's rule of its own, as the platform runs a `responseProvider` for all that it is there for. */
export const PARTS = ['pages', 'ofrep'] as const;
export type Part = (typeof PARTS)[number];

export interface AkamaiBundleOptions {
  readonly part: Part;
  readonly flavour: Flavour;
  /** `edgeworker-version`: at most 32 of `[A-Za-z0-9_.~-]`, never used twice for one EdgeWorker ID. */
  readonly version: string;
  /** What takes the place of the settings, and of the tokens, that the repository has. */
  readonly settings?: string;
  readonly tokens?: string;
  /** `main.js`, where it is made already. */
  readonly main?: string;
}

/** Files that stay modules of their own: Akamai's tools, and people, replace them in the bundle. */
const REPLACEABLE = ['./edgekv_tokens.js', './lockstep-settings.js'];

const FOLDER = new URL('../../workers/akamai/', import.meta.url);
const inFolder = (file: string): string => fileURLToPath(new URL(file, FOLDER));

/** The `.tgz`. */
export async function bundleAkamai(options: AkamaiBundleOptions): Promise<Uint8Array> {
  const { part, flavour, version, settings, tokens, main } = options;
  const manifest = {
    'edgeworker-version': version,
    'bundle-version': 1,
    'api-version': '0.3',
    description: 'Lockstep',
  };
  const files = [
    { name: 'main.js', data: main ?? (await mainModule(flavour, part)) },
    { name: 'bundle.json', data: `${JSON.stringify(manifest, null, 2)}\n` },
    { name: 'lockstep-settings.js', data: settings ?? (await source('lockstep-settings.js')) },
    { name: 'edgekv_tokens.js', data: tokens ?? (await source('edgekv_tokens.js')) },
  ];
  return packTgz(files);
}

/** `main.js`: everything but what is replaceable. Made once a process. */
export function mainModule(flavour: Flavour, part: Part): Promise<string> {
  const made = mains.get(`${part} ${flavour}`) ?? buildMain(flavour, part).then(({ text }) => text);
  mains.set(`${part} ${flavour}`, made);
  return made;
}

const mains = new Map<string, Promise<string>>();

/** `main.js`, and what it was made of. */
export const buildMain = (flavour: Flavour, part: Part): Promise<Built> =>
  build({ entryPoints: [inFolder(`${part}.ts`)] }, flavour);

/** A module as `main.js` is made, of another entry. */
export const bundleModule = async (entry: Entry, flavour: Flavour): Promise<string> =>
  (await build(entry, flavour)).text;

type Entry = Pick<BuildOptions, 'entryPoints' | 'stdin'>;

async function build(entry: Entry, flavour: Flavour): Promise<Built> {
  const { text, inputs } = await bundleText({
    ...entry,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: [...BUILT_IN, ...LEFT_OUT, ...REPLACEABLE],
    alias: { '#keep': inFolder(`keep-in-${flavour}.ts`), '#core/base64url': inFolder('base64url.ts') },
    minify: true,
    logLevel: 'silent',
  });
  return { text: await minified(text), inputs };
}

/** By terser, too: a twelfth less than by the bundler alone, where every byte is compiled at each start. */
async function minified(module: string): Promise<string> {
  const { minify } = await import('terser');
  const { code } = await minify(module, {
    module: true,
    ecma: 2020,
    // What is unsafe of it: a symbol as a text, a getter that does something. (`unsafe_comps` would be wrong of NaN.)
    compress: { passes: 4, hoist_funs: true, pure_getters: true, unsafe: true },
    // Also names that a browser's objects have, and ours have for something else.
    mangle: {
      nth_identifier: FEW_LETTERS,
      properties: { regex: SHORT_NAMES, builtins: true, nth_identifier: FEW_LETTERS },
    },
  });
  if (code === undefined) throw new Error('workers/akamai: nothing was left');
  return code;
}

/** One of the replaceable files as the repository has it. */
const source = (name: string): Promise<string> => readFile(new URL(name, FOLDER), 'utf8');
