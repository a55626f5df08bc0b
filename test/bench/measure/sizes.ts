/** How large the same flags are in every subject's format. */
import { gzipSync } from 'node:zlib';
import type { Sizes } from '../report/rows.ts';
import type { SubjectName } from '../subject.ts';
import { loadSubject } from '../subjects/index.ts';
import { mixedFlags } from '../workload/flags.ts';

const FORMATS: Readonly<Record<SubjectName, string>> = {
  lockstep: 'ruleset lines',
  floor: '',
  launchdarkly: '{flags, segments} JSON',
  growthbook: '{features} JSON',
  'flagd-core': '{flags} JSON',
  unleash: '{version, features} JSON',
  'vercel-flags-core': 'packed definitions JSON',
};

/** Raw, and gzipped at level 9. */
export async function payloadSizes(subjects: readonly SubjectName[]): Promise<Sizes[]> {
  const found: Sizes[] = [];
  for (const flags of [1_000, 5_000]) {
    for (const name of subjects) {
      if (name === 'floor') continue;
      const bytes = new TextEncoder().encode((await loadSubject(name)).payload(mixedFlags(flags)));
      const gzip = gzipSync(bytes, { level: 9 }).length;
      found.push({ flags, subject: name, format: FORMATS[name], raw: bytes.length, gzip });
    }
  }
  return found;
}
