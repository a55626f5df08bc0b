/** What is measured of ingest. */
export const INGEST_CASES = ['ingest-acknowledge', 'ingest-count', 'ingest-read'] as const;
export type IngestCase = (typeof INGEST_CASES)[number];

export const INGEST_TITLES: Readonly<Record<IngestCase, string>> = {
  'ingest-acknowledge': 'an exposure, in a beacon of 500, until it is acknowledged; CPU ns. The floor parses the same',
  'ingest-count': 'an exposure that was acknowledged, until it is in its shard, joined and counted; CPU ns',
  'ingest-read': "a rollout's statistics, with all units in one shard; CPU ns. The floor is the same with few",
};

export const isIngest = (name: string): boolean => name.startsWith('ingest-');
