/** A ruleset as it lies on a disk: its text, and a footer that tells a whole file from one that was cut off or changed. */
import { MAX_HEADER, MAX_RULESET } from '#schema/limits';

const { hash } = process.getBuiltinModule('node:crypto');

export type Standing = 'candidate' | 'good';

export interface GenerationName {
  readonly version: number;
  /** A candidate has not served for long enough to be known as good. */
  readonly standing: Standing;
}

const NAME = /^(\d{1,16})\.(candidate|good)$/;
const FOOTER = /\nlockstep-lkg-1 (\d{1,9}) ([\w-]{43})\n$/;
const MAX_FOOTER = 80;
/** Larger files are not read. */
export const MAX_FILE = MAX_RULESET + MAX_HEADER + 1 + MAX_FOOTER;

export const nameOf = ({ version, standing }: GenerationName): string => `${version}.${standing}`;

export function readName(name: string): GenerationName | undefined {
  const [, version, standing] = NAME.exec(name) ?? [];
  return version === undefined ? undefined : { version: Number(version), standing: standing as Standing };
}

export function fileOf(ruleset: string): Uint8Array {
  const bytes = Buffer.from(ruleset, 'latin1');
  return Buffer.concat([bytes, Buffer.from(`\nlockstep-lkg-1 ${bytes.length} ${digestOf(bytes)}\n`, 'latin1')]);
}

/** The text in a file; undefined where it is not whole. */
export function textOf(file: Uint8Array): string | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.subarray(Math.max(0, bytes.length - MAX_FOOTER)).toString('latin1');
  const [footer, length, digest] = FOOTER.exec(end) ?? [];
  if (footer === undefined) return undefined;
  const text = bytes.subarray(0, bytes.length - footer.length);
  return text.length === Number(length) && digestOf(text) === digest ? text.toString('latin1') : undefined;
}

const digestOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');
