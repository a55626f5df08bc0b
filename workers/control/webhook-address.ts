/**
 * Which addresses a webhook may have: public ones, by HTTPS. A name may still lead to one that is not (by DNS, and to another each time
 * it is asked): that is for whoever connects (`WEBHOOK_OUT`).
 */
import ipaddr from 'ipaddr.js';

/** Ends of names that only ever lead to one's own network (RFC 6761, RFC 6762, RFC 8375, and what is used as if it were among them). */
const OWN_NETWORK = [
  ...['localhost', 'localdomain', 'local', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'arpa'],
];

/** Below are services that nobody means to be reached by a webhook. */
const LOWEST_PORT = 1_024;

/** Says what is wrong with it, or nothing. */
export function webhookAddressFault(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) return 'is no URL';
  if (url.protocol !== 'https:') return 'must begin with https:';
  if (url.username !== '' || url.password !== '') return 'must have no user and no password';
  if (url.port !== '' && Number(url.port) < LOWEST_PORT) return `must have port 443, or one from ${LOWEST_PORT} on`;
  return hostFault(url.hostname);
}

/** A URL's parser has made one spelling of all: IPv4 in decimal, octal, hexadecimal, with other digits, with fewer parts. */
function hostFault(hostname: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (ipaddr.isValid(host)) return isPublic(ipaddr.parse(host)) ? undefined : 'is an address that is not public';
  const labels = host.split('.');
  if (labels.length < 2) return 'must have a whole name for its host';
  return OWN_NETWORK.includes(labels.at(-1) ?? '') ? "is a name of one's own network" : undefined;
}

/** Of IPv6, what is not assigned to be reached by all (2000::/3) is not public, and neither is what carries an IPv4 address. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20);
