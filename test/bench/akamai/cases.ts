/** What is measured of the EdgeWorker. */
export const AKAMAI_CASES = [
  'akamai-start',
  'akamai-first-1',
  'akamai-first-10',
  'akamai-first-30',
  'akamai-warm-1',
  'akamai-warm-10',
  'akamai-warm-30',
  'akamai-again-1',
  'akamai-bulk',
] as const;

export type AkamaiCase = (typeof AKAMAI_CASES)[number];

/** `floor` is an empty handler, `read` one that reads the same text of EdgeKV and keeps it; `lockstep-lru` is the other flavour. */
export const AKAMAI_SUBJECTS = ['lockstep', 'lockstep-lru', 'read', 'floor'] as const;

export type AkamaiSubject = (typeof AKAMAI_SUBJECTS)[number];

export const AKAMAI_TITLES: Readonly<Record<AkamaiCase, string>> = {
  'akamai-start': "an instance's start: all modules of the part for pages compiled and run; ns of CPU",
  'akamai-first-1':
    'first event of an instance: read, verify, index, decide 1 flag, hand on; ns of CPU, and bytes alive',
  'akamai-first-10': 'the same with 10 flags',
  'akamai-first-30': 'the same with 30 flags',
  'akamai-warm-1': 'a later event: decide 1 flag, hand on; ns of CPU, and bytes that it adds',
  'akamai-warm-10': 'the same with 10 flags',
  'akamai-warm-30': 'the same with 30 flags',
  'akamai-again-1': 'a later event that looks again whether the view is the newest, and finds it is; 1 flag',
  'akamai-bulk':
    "OFREP's answer for all flags of the view, first event of an instance of that part, on the Dynamic tier",
};

export const isAkamai = (name: string): name is AkamaiCase => (AKAMAI_CASES as readonly string[]).includes(name);
