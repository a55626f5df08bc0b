/** Where a reader is in the order of rulesets, as the ids of events and entity tags say it. */
import type { Claims } from '#schema/claims';

export interface Position {
  readonly version: number;
  /** Of the lines (claim `sha256`). */
  readonly digest: string;
}

export const positionOf = ({ version, sha256 }: Pick<Claims, 'version' | 'sha256'>): Position => ({
  version,
  digest: sha256,
});

/** `<version>.<digest>`: the id of an event, and what comes back as `Last-Event-ID`. */
export const positionText = ({ version, digest }: Position): string => `${version}.${digest}`;

const POSITION = /^(0|[1-9]\d{0,15})\.([\w-]{43})$/;

/** Undefined where a text is no position. */
export function readPosition(text: string | null | undefined): Position | undefined {
  const [, version, digest] = POSITION.exec(text ?? '') ?? [];
  if (version === undefined || digest === undefined || !Number.isSafeInteger(Number(version))) return undefined;
  return { version: Number(version), digest };
}

export const isSamePosition = (one: Position, other: Position): boolean =>
  one.version === other.version && one.digest === other.digest;

/**
 * The entity tag of a whole ruleset. Signed again, the same version and lines are another text; and so is a version that goes back to
 * earlier lines, within the very second.
 */
export const rulesetEtag = ({ version, sha256, iat }: Pick<Claims, 'version' | 'sha256' | 'iat'>): string =>
  `"${version}.${sha256}.${iat}"`;
