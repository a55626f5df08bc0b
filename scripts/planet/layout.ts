/** What the planet consists of: its processes, the links between them, and where its POPs stand. Data alone: the page reads it too. */

export const ENVIRONMENT = 'marketplace-production';

export const POP_NAMES = ['iad', 'dub', 'sin', 'ams', 'nrt'] as const;
export type PopName = (typeof POP_NAMES)[number];

export type Cloud = 'cloudflare' | 'akamai';

export interface PopPlace {
  readonly city: string;
  readonly cloud: Cloud;
  readonly region: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** Akamai names no regions: those are the deployment's own. */
export const POPS: Readonly<Record<PopName, PopPlace>> = {
  iad: { city: 'Washington', cloud: 'cloudflare', region: 'us-east-1', latitude: 38.9, longitude: -77.4 },
  dub: { city: 'Dublin', cloud: 'cloudflare', region: 'eu-west-1', latitude: 53.4, longitude: -6.3 },
  sin: { city: 'Singapore', cloud: 'cloudflare', region: 'ap-southeast-1', latitude: 1.4, longitude: 103.8 },
  ams: { city: 'Amsterdam', cloud: 'akamai', region: 'eu-central', latitude: 52.3, longitude: 4.8 },
  nrt: { city: 'Tokyo', cloud: 'akamai', region: 'ap-northeast', latitude: 35.8, longitude: 140.4 },
};

export const ORIGIN_NAMES = ['aws', 'azure', 'gcp'] as const;
/** Where the marketplace's own services run: a relay and a booking service in each, named as its cloud. */
export type OriginName = (typeof ORIGIN_NAMES)[number];

export interface OriginPlace {
  readonly city: string;
  readonly region: string;
}

export const ORIGINS: Readonly<Record<OriginName, OriginPlace>> = {
  aws: { city: 'Virginia', region: 'us-east-1' },
  azure: { city: 'Dublin', region: 'northeurope' },
  gcp: { city: 'Singapore', region: 'asia-southeast1' },
};

/** Networks of EdgeKV. POPs read production. */
export const NETWORKS = ['staging', 'production'] as const;
export type NetworkName = (typeof NETWORKS)[number];

export type ProcessName =
  | 'kv'
  | 'edgekv'
  | 'control'
  | 'publisher'
  | 'stream'
  | 'ingest'
  | `edge-${PopName}`
  | `relay-${OriginName}`
  | `booking-${OriginName}`;

export const edgeOf = (pop: PopName): `edge-${PopName}` => `edge-${pop}`;
export const relayOf = (origin: OriginName): `relay-${OriginName}` => `relay-${origin}`;
export const bookingOf = (origin: OriginName): `booking-${OriginName}` => `booking-${origin}`;

/** In the order in which they are shown. The stores are the platforms' own: they outlive a publisher that restarts. */
export const PROCESS_NAMES: readonly ProcessName[] = [
  ...POP_NAMES.map(edgeOf),
  ...ORIGIN_NAMES.flatMap((origin) => [relayOf(origin), bookingOf(origin)]),
  'control',
  'publisher',
  'stream',
  'ingest',
  'kv',
  'edgekv',
];

/** Ports that they would like to have; where one is taken, any that is free (0). */
export const PORTS: Readonly<Record<ProcessName | 'planet', number>> = {
  planet: 8700,
  'edge-iad': 8701,
  'edge-dub': 8702,
  'edge-sin': 8703,
  'edge-ams': 8704,
  'edge-nrt': 8705,
  publisher: 8710,
  ingest: 8711,
  edgekv: 8712,
  stream: 8713,
  control: 8720,
  'relay-aws': 8731,
  'relay-azure': 8732,
  'relay-gcp': 8733,
  'booking-aws': 8741,
  'booking-azure': 8742,
  'booking-gcp': 8743,
  kv: 0,
};

export type LinkName = `${ProcessName}/${ProcessName}` | `publisher/edgekv-${NetworkName}`;

const popLinks = (pop: PopName): readonly LinkName[] =>
  POPS[pop].cloud === 'akamai'
    ? [`${edgeOf(pop)}/edgekv`, `${edgeOf(pop)}/ingest`]
    : [`${edgeOf(pop)}/stream`, `${edgeOf(pop)}/kv`, `${edgeOf(pop)}/ingest`];

const originLinks = (origin: OriginName): readonly LinkName[] => [
  `${relayOf(origin)}/stream`,
  `${relayOf(origin)}/ingest`,
  `${bookingOf(origin)}/${relayOf(origin)}`,
];

/**
 * Who calls whom: `<from>/<to>`. What users and people call is no link: a process whose links are cut still answers them. EdgeKV is
 * written over a link for each of its networks.
 */
export const LINK_NAMES: readonly LinkName[] = [
  ...POP_NAMES.flatMap(popLinks),
  ...ORIGIN_NAMES.flatMap(originLinks),
  'control/publisher',
  'control/ingest',
  'ingest/kv',
  'stream/kv',
  'stream/ingest',
  'publisher/stream',
  'publisher/kv',
  ...NETWORKS.map((network): LinkName => `publisher/edgekv-${network}`),
];

export function endsOf(link: LinkName): readonly [from: ProcessName, to: ProcessName] {
  const [from, to] = link.split('/') as [ProcessName, string];
  return [from, to.startsWith('edgekv-') ? 'edgekv' : (to as ProcessName)];
}

export const isProcess = (name: string): name is ProcessName => PROCESS_NAMES.some((one) => one === name);

export const isLink = (name: string): name is LinkName => LINK_NAMES.some((one) => one === name);

/** The links that a name stands for: one, or all from and to a process; none where there is no such name. */
export function linksOf(name: string): readonly LinkName[] {
  return isLink(name) ? [name] : LINK_NAMES.filter((link) => endsOf(link).some((end) => end === name));
}
