/** What the planet consists of: its processes, the links between them, and where its POPs stand. Data alone: the page reads it too. */

export const ENVIRONMENT = 'marketplace-production';

export const POP_NAMES = ['iad', 'dub', 'sin'] as const;
export type PopName = (typeof POP_NAMES)[number];

export interface PopPlace {
  readonly city: string;
  readonly region: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

export const POPS: Readonly<Record<PopName, PopPlace>> = {
  iad: { city: 'Washington', region: 'us-east-1', latitude: 38.9, longitude: -77.4 },
  dub: { city: 'Dublin', region: 'eu-west-1', latitude: 53.4, longitude: -6.3 },
  sin: { city: 'Singapore', region: 'ap-southeast-1', latitude: 1.4, longitude: 103.8 },
};

export type ProcessName = 'kv' | 'publisher' | 'ingest' | `edge-${PopName}`;

export const edgeOf = (pop: PopName): `edge-${PopName}` => `edge-${pop}`;

/** In the order in which they are shown. `kv` is Cloudflare's: it outlives a publisher that restarts. */
export const PROCESS_NAMES: readonly ProcessName[] = [...POP_NAMES.map(edgeOf), 'publisher', 'ingest', 'kv'];

/** Ports that they would like to have; where one is taken, any that is free (0). */
export const PORTS: Readonly<Record<ProcessName | 'planet', number>> = {
  planet: 8700,
  'edge-iad': 8701,
  'edge-dub': 8702,
  'edge-sin': 8703,
  publisher: 8710,
  ingest: 8711,
  kv: 0,
};

export type LinkName = `${ProcessName}/${ProcessName}`;

/** Who calls whom: `<from>/<to>`. What users and people call is no link: a process whose links are cut still answers them. */
export const LINK_NAMES: readonly LinkName[] = [
  ...POP_NAMES.flatMap((pop): LinkName[] => [`${edgeOf(pop)}/kv`, `${edgeOf(pop)}/ingest`]),
  'publisher/kv',
];

export const endsOf = (link: LinkName): readonly [from: ProcessName, to: ProcessName] =>
  link.split('/') as [ProcessName, ProcessName];

export const isProcess = (name: string): name is ProcessName => PROCESS_NAMES.some((one) => one === name);

export const isLink = (name: string): name is LinkName => LINK_NAMES.some((one) => one === name);

/** The links that a name stands for: one, or all from and to a process; none where there is no such name. */
export function linksOf(name: string): readonly LinkName[] {
  return isLink(name) ? [name] : LINK_NAMES.filter((link) => endsOf(link).some((end) => end === name));
}
