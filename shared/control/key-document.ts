/** The SDK keys that are in force in an environment, as the lines that its publisher signs. What has ended is not among them. */
import type { KeyEntry } from '#ruleset/decode-key';
import { digestOfText } from '#ruleset/write/digest';
import { keyLines } from '#ruleset/write/key-line';
import { ALL } from '#schema/limits';
import { entriesOf } from './persistent-map.ts';
import type { SdkKey, State } from './state.ts';

export interface KeyDocument {
  readonly lines: string;
  /** Of the lines. */
  readonly digest: string;
  /** When the next of them ends (milliseconds since 1970), and the lines are others; infinite where none does. */
  readonly until: number;
}

interface Made extends KeyDocument {
  readonly from: number;
}

/** Keys seldom change, and every command asks. */
const made = new WeakMap<State['sdkKeys'], Map<string, Made>>();

export function keyDocument({ sdkKeys }: State, environment: string, now: number): KeyDocument {
  const documents = made.get(sdkKeys) ?? new Map<string, Made>();
  made.set(sdkKeys, documents);
  const known = documents.get(environment);
  if (known !== undefined && known.from <= now && now < known.until) return known;
  const entries = [...entriesOf(sdkKeys)].flatMap(([, key]) =>
    key.body.environment === environment ? entriesIn(key, now) : [],
  );
  const lines = keyLines(entries);
  const until = Math.min(...entries.map(({ e = 1 / 0 }) => e));
  const document = { lines, digest: digestOfText(lines), until, from: now };
  documents.set(environment, document);
  return document;
}

const entriesIn = ({ body, secrets }: SdkKey, now: number): KeyEntry[] =>
  secrets
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    .map(({ sha256, expiresAt, namespaces = body.namespaces }) => ({
      ...{ k: sha256, t: body.kind, s: body.service },
      n: namespaces.includes(ALL) ? [ALL] : [...new Set(namespaces)].sort(),
      ...(expiresAt !== undefined && { e: expiresAt }),
    }));
