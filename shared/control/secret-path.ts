/** Where a command holds what looks like a secret. The log keeps everything, and a payload is read by whoever has a key: there is no taking it back. */
import { redactText } from '#control/audit/redact';

/** As `/change/operations/0/body` (RFC 6901) of the first; undefined where there is none. Names alone make no secret: `password` may be a variation. */
export function secretPath(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return redactText(value) === value ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const found = redactText(key) === key ? secretPath(item, at) : path;
    if (found !== undefined) return found;
  }
  return undefined;
}
