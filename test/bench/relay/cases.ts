/** What is measured of a relay. */

export const RELAY_CASES = ['relay-evaluate', 'relay-change', 'relay-memory'] as const;
export type RelayCase = (typeof RELAY_CASES)[number];

export const RELAY_TITLES: Readonly<Record<RelayCase, string>> = {
  'relay-evaluate':
    'an OFREP evaluation; CPU ns per request. The floor is a bare Hono server that answers as many bytes',
  'relay-change':
    'a change of one flag in 1,000, to all streams; CPU ns per change. The floor is a bare Node SSE server',
  'relay-memory': 'resident bytes with all those streams open',
};

export const isRelay = (name: string): boolean => name.startsWith('relay-');
