/**
 * Whether Akamai would take a bundle and run it: what is documented of code bundles and limits, held against the bytes of the archive,
 * and its handlers run once in the sandbox. Sources: techdocs.akamai.com/edgeworkers/docs, "Code bundle format", "Product limits".
 */
import { posix } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BUILT_IN, LEFT_OUT } from '../edgeworkers/built-in-modules.ts';
import { BundleRefusal } from '../edgeworkers/bundle/bundle-refusal.ts';
import { type Bundle, readBundle } from '../edgeworkers/bundle/read-bundle.ts';
import { readTar } from '../edgeworkers/bundle/read-tar.ts';
import { COMPRESSED_BUNDLE_BYTES, UNCOMPRESSED_BUNDLE_BYTES } from '../edgeworkers/tiers.ts';
import type { Part } from './bundle.ts';
import { checkRun } from './check-run.ts';
import { checkSettingNames } from './check-setting-names.ts';
import { checkTokens } from './check-tokens.ts';
import { HANDLERS, MAX_MAIN } from './platform.ts';
import { type ModuleSurface, surfaceOf } from './surface-of.ts';

export interface Check {
  readonly check: string;
  readonly found: string;
  /** `note`: it is as it must be, and not yet fit for use. */
  readonly verdict: 'ok' | 'note' | 'failed';
}

export const SETTINGS = 'lockstep-settings.js';
export const TOKENS = 'edgekv_tokens.js';

/** Beside those that the platform asks for, what is replaced before an upload. */
const FILES = ['bundle.json', TOKENS, SETTINGS, 'main.js'];

/** What `main.js` takes of the others. */
const EXPORTS: Readonly<Record<string, string>> = { [TOKENS]: 'edgekv_access_tokens', [SETTINGS]: 'settings' };

export interface CheckBundleOptions {
  /** Somebody's files that are in it in the place of the repository's, which no EdgeWorker can serve with: by path, what they are called. */
  readonly given: Readonly<Record<string, string>>;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** Up to the first fault after which nothing more can be told. */
export async function checkBundle(
  tgz: Uint8Array,
  part: Part,
  { given, now }: CheckBundleOptions,
): Promise<readonly Check[]> {
  let bundle: Bundle;
  try {
    bundle = readBundle(tgz);
  } catch (error) {
    if (error instanceof BundleRefusal) return [failed('archive', error.message)];
    throw error;
  }
  const main = bundle.scripts['main.js'] ?? '';
  const checks = [...checkArchive(tgz, bundle.version), within('main.js, gzipped', gzippedBytes(main), MAX_MAIN)];
  const surfaces: [string, ModuleSurface][] = [];
  for (const [path, source] of Object.entries(bundle.scripts)) {
    const name = given[path] ?? path;
    const surface = await surfaceOf(source, name).catch(
      (error: Error) => error.message.split('\n')[1] ?? error.message,
    );
    if (typeof surface === 'string') return [...checks, failed('modules', surface)];
    const wanted = EXPORTS[path];
    if (wanted !== undefined && !surface.exports.includes(wanted)) {
      return [...checks, failed('modules', `${name}: has no export ${wanted}`)];
    }
    surfaces.push([path, surface]);
  }
  const exported = surfaces.find(([path]) => path === 'main.js')?.[1].exports ?? [];
  const modules = [checkImports(surfaces, bundle.scripts), same('handlers', exported, HANDLERS[part])];
  const isConfigured = Object.hasOwn(given, SETTINGS);
  const token = await checkTokens(bundle.scripts, { isMeant: isConfigured && Object.hasOwn(given, TOKENS), now });
  const run = await checkRun(tgz, isConfigured);
  const isReadable = isConfigured && run.every(({ verdict }) => verdict === 'ok');
  const names = isReadable ? [await checkSettingNames(bundle.scripts)] : [];
  return [...checks, ...modules, token, ...run, ...names];
}

function checkArchive(tgz: Uint8Array, version: string): readonly Check[] {
  const archive = gunzipSync(tgz);
  const paths = readTar(archive).map(({ path }) => path);
  return [
    ok('version', version),
    same('files, none executable', paths, FILES),
    within('compressed', tgz.byteLength, COMPRESSED_BUNDLE_BYTES),
    within('uncompressed', archive.byteLength, UNCOMPRESSED_BUNDLE_BYTES),
  ];
}

/** Static ones of built-in modules, and of files of the bundle that end in `.js`. */
function checkImports(
  surfaces: readonly (readonly [string, ModuleSurface])[],
  scripts: Readonly<Record<string, string>>,
): Check {
  const isKnown = (specifier: string, from: string): boolean => {
    if (BUILT_IN.includes(specifier) || LEFT_OUT.includes(specifier)) return true;
    const path = specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
    return specifier.endsWith('.js') && Object.hasOwn(scripts, path);
  };
  const all = surfaces.flatMap(([path, { imports }]) => imports.map((specifier) => [path, specifier] as const));
  const unknown = all.find(([path, specifier]) => !isKnown(specifier, path));
  if (unknown) return failed('imports', `${unknown[0]}: Unknown built-in module: "${unknown[1]}"`);
  const dynamic = surfaces.find(([, { dynamicImports }]) => dynamicImports.length > 0);
  if (dynamic) return failed('imports', `${dynamic[0]}: import(${JSON.stringify(dynamic[1].dynamicImports[0])})`);
  return ok('imports', [...new Set(all.map(([, specifier]) => specifier))].join(' '));
}

const ok = (check: string, found: string): Check => ({ check, found, verdict: 'ok' });
const failed = (check: string, found: string): Check => ({ check, found, verdict: 'failed' });

const within = (check: string, bytes: number, limit: number): Check => ({
  check,
  found: `${bytes} of ${limit} bytes`,
  verdict: bytes <= limit ? 'ok' : 'failed',
});

function same(check: string, found: readonly string[], wanted: readonly string[]): Check {
  const isSame = found.toSorted().join() === wanted.toSorted().join();
  return isSame ? ok(check, found.join(' ')) : failed(check, `${found.join(' ')}; meant: ${wanted.join(' ')}`);
}

export const gzippedBytes = (text: string): number => gzipSync(text, { level: 9 }).byteLength;
