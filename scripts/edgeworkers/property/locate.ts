/**
 * Where a client is, as EdgeScape says it: by `X-Forwarded-For` where there is one, so by the client's own word. Source:
 * techdocs.akamai.com/edgeworkers/docs/user-location-object.
 */
import { BlockList, isIP } from 'node:net';
import type { HeaderLines, UserLocation } from '../event.ts';
import { headerOf } from '../http-message.ts';

/** What is known of an address; undefined of one that is nowhere. */
export type Places = (address: string) => UserLocation | undefined;

/** Addresses that IANA keeps. */
const RESERVED: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const reserved = new BlockList();
for (const [address, prefix, family] of RESERVED) reserved.addSubnet(address, prefix, family);

const EVERYWHERE = 'reserved';
const RESERVED_LOCATION: UserLocation = {
  areaCodes: [EVERYWHERE],
  bandwidth: EVERYWHERE,
  city: EVERYWHERE,
  continent: EVERYWHERE,
  country: EVERYWHERE,
  dma: EVERYWHERE,
  fips: [EVERYWHERE],
  latitude: EVERYWHERE,
  longitude: EVERYWHERE,
  networkType: EVERYWHERE,
  region: EVERYWHERE,
  timezone: EVERYWHERE,
  zipCode: EVERYWHERE,
};

export function locate(headers: HeaderLines, connectingIp: string, places: Places): UserLocation {
  const forwarded = headerOf(headers, 'x-forwarded-for')?.split(',')[0]?.trim();
  const address = forwarded !== undefined && isIP(forwarded) !== 0 ? forwarded : connectingIp;
  const known = places(address);
  if (known) return known;
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return isIP(address) !== 0 && reserved.check(address, family) ? RESERVED_LOCATION : {};
}
