/** `bundle.json`. Source: techdocs.akamai.com/edgeworkers/docs/code-bundle-format. */
import { BundleRefusal } from './bundle-refusal.ts';

export interface Manifest {
  readonly version: string;
  readonly description: string;
}

const VERSION = /^(?!\.$)[A-Za-z0-9_.~-]{1,32}$/;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members that may be there, and what they must be then. */
const OPTIONAL: Readonly<Record<string, Check>> = {
  'bundle-version': Number.isInteger,
  'api-version': isText,
  description: isText,
  misc: isObject,
  config: isObject,
};

/** Throws a `BundleRefusal`. */
export function readManifest(source: string): Manifest {
  const manifest = parse(source);
  const version = manifest['edgeworker-version'];
  if (typeof version !== 'string' || !VERSION.test(version)) {
    throw new BundleRefusal(
      'EW1107',
      'edgeworker-version must be 1 to 32 of [A-Za-z0-9_.~-], and not a single period.',
    );
  }
  const wrong = Object.entries(OPTIONAL).find(
    ([name, check]) => manifest[name] !== undefined && !check(manifest[name]),
  );
  if (wrong) throw new BundleRefusal('EW1107', `${wrong[0]} is of the wrong type.`);
  return { version, description: (manifest['description'] as string | undefined) ?? '' };
}

function parse(source: string): Readonly<Record<string, unknown>> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(source);
  } catch {
    throw new BundleRefusal('EW1107', 'bundle.json is no JSON.');
  }
  if (!isObject(manifest)) throw new BundleRefusal('EW1107', 'bundle.json is no object.');
  return manifest as Readonly<Record<string, unknown>>;
}
