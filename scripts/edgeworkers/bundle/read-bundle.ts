/**
 * Reads a code bundle as the platform does at upload. Source: techdocs.akamai.com/edgeworkers/docs, "Code bundle format" and
 * "Product limits".
 */
import { gunzipSync } from 'node:zlib';
import { COMPRESSED_BUNDLE_BYTES, UNCOMPRESSED_BUNDLE_BYTES } from '../tiers.ts';
import { BundleRefusal } from './bundle-refusal.ts';
import { readManifest } from './manifest.ts';
import { readTar, type TarFile } from './read-tar.ts';

export interface Bundle {
  /** `edgeworker-version`. */
  readonly version: string;
  readonly description: string;
  /** Sources by path: `main.js`, `utils/lib.js`. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Throws a `BundleRefusal`. Whether the scripts are sound is seen where they run. */
export function readBundle(tgz: Uint8Array): Bundle {
  if (tgz.byteLength > COMPRESSED_BUNDLE_BYTES) {
    throw new BundleRefusal('EW1101', `It has ${tgz.byteLength} bytes, at most ${COMPRESSED_BUNDLE_BYTES}.`);
  }
  const files = filesOf(unpack(tgz));
  const executable = files.find(({ mode }) => (mode & 0o111) !== 0);
  if (executable) throw new BundleRefusal('EW1105', `${executable.path} is executable.`);
  const read = (path: string): string | undefined => {
    const file = files.find((one) => one.path === path);
    return file && new TextDecoder().decode(file.data);
  };
  const manifest = read('bundle.json');
  const missing = manifest === undefined ? 'bundle.json' : read('main.js') === undefined ? 'main.js' : undefined;
  if (manifest === undefined || missing !== undefined) throw new BundleRefusal('EW1106', `There is no ${missing}.`);
  const scripts = files.filter(({ path }) => path.endsWith('.js')).map(({ path }) => [path, read(path) ?? ''] as const);
  return { ...readManifest(manifest), scripts: Object.fromEntries(scripts) };
}

function unpack(tgz: Uint8Array): Uint8Array {
  try {
    return gunzipSync(tgz, { maxOutputLength: UNCOMPRESSED_BUNDLE_BYTES });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BundleRefusal('EW1104', `It has over ${UNCOMPRESSED_BUNDLE_BYTES} bytes.`);
    }
    throw new BundleRefusal('EW1103', messageOf(error));
  }
}

/** What macOS's tar adds of its own, `._main.js`, is passed over. */
function filesOf(archive: Uint8Array): readonly TarFile[] {
  try {
    return readTar(archive).filter(({ path }) => !(path.split('/').at(-1) ?? '').startsWith('._'));
  } catch (error) {
    throw new BundleRefusal('EW1105', messageOf(error));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
