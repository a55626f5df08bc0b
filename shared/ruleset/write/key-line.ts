/** Writes keys as the lines of a keys document: fields in one order, ascending digests. */
import type { KeyEntry } from '#ruleset/decode-key';
import type { PublicJwk } from '#ruleset/web-crypto';
import type { SigningEntry } from '#schema/key-entry';
import { SIGNING_PREFIX } from '#schema/limits';

/** One line, without its line feed. */
export const keyLine = ({ k, t, s, n, e }: KeyEntry): string =>
  JSON.stringify({ k, t, s, n, ...(e !== undefined && { e }) });

const signingLine = ({ kid, x, y }: PublicJwk): string =>
  JSON.stringify({ k: `${SIGNING_PREFIX}${kid}`, x, y } satisfies SigningEntry);

export const keyLines = (entries: readonly KeyEntry[]): string => inOrder(entries.map(keyLine));

/** The whole document: the lines of SDK keys, and beside them the keys that readers are to trust. */
export const withSigningKeys = (lines: string, trusted: readonly PublicJwk[]): string =>
  inOrder([...lines.split('\n').slice(0, -1), ...trusted.map(signingLine)]);

/** Only those of SDK keys. */
export const withoutSigningKeys = (lines: string): string =>
  lines.replace(new RegExp(`^\\{"k":"${SIGNING_PREFIX}.*\\n`, 'gm'), '');

/** By key, which each begins with: the quote behind one comes before all that a longer one could have there. */
const inOrder = (lines: readonly string[]): string =>
  [...lines]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((line) => `${line}\n`)
    .join('');
