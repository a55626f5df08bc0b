/** Takes secrets out of what is written down for people: by the names of fields, and by what secrets look like. */
import type { JsonValue } from '#core/decision';

export const REDACTED = '[redacted]';

/** The last word of a field's name, or the last two, where all that is in it is secret. */
const SECRET_NAMES: ReadonlySet<string> = new Set(
  (
    'secret secrets password passwords passwd pwd passphrase token tokens jwt credential credentials authorization cookie ' +
    'privatekey privatekeys apikey apikeys accesskey secretkey signingkey encryptionkey hmackey'
  ).split(' '),
);

/** The private members of a JSON Web Key (RFC 7518, 6.2.2, 6.3.2, 6.4.1; RFC 8037, 2). */
const PRIVATE_JWK_MEMBERS: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

/** Each begins where no word goes on, or with a fixed text, so that no input is looked through more than a few times. */
const SECRET_PATTERNS: readonly RegExp[] = [
  // PEM, also cut short.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  // JWS and JWE, compact: a header is the base64url of `{"`.
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w.-]*/g,
  // Lockstep's own keys, webhook secrets (Standard Webhooks), and the widely known prefixes of others.
  /(?<![\w-])(?:ls_|whsec_|whsk_|gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|[rs]k_(?:live|test)_|hvs\.)[\w+/=.-]{16,}/g,
  /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![\w-])PRIVATE\+KEY\+[^\s]{16,}/g,
  /(?<=(?<![\w-])(?:bearer|basic) {1,4})[\w.~+/=-]{16,}/gi,
  // The password in a URL.
  /(?<=:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}(?=@)/g,
];

/** A copy in which `[redacted]` stands in the place of every secret. */
export function redact(value: JsonValue): JsonValue {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(redact);
  const fields = value as { readonly [key: string]: JsonValue };
  const isJwk = typeof fields['kty'] === 'string';
  return Object.fromEntries(
    Object.entries(fields).map(([key, item]) => [
      key,
      isSecretName(key) || (isJwk && PRIVATE_JWK_MEMBERS.has(key)) ? hidden(item) : redact(item),
    ]),
  );
}

export const redactText = (text: string): string =>
  SECRET_PATTERNS.reduce((rest, pattern) => rest.replace(pattern, REDACTED), text);

/** Whether anything would be redacted: for deciders, which refuse secrets where they would be published. */
export const holdsSecret = (value: JsonValue): boolean => JSON.stringify(redact(value)) !== JSON.stringify(value);

/** That there is none, or whether there is one, is no secret. */
const hidden = (value: JsonValue): JsonValue => (value === null || typeof value === 'boolean' ? value : REDACTED);

/** `clientSecret`, `client_secret`, `CLIENT-SECRET`; not `auth.newTokenFlow`. */
function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return SECRET_NAMES.has(words.at(-1) ?? '') || SECRET_NAMES.has(words.slice(-2).join(''));
}
