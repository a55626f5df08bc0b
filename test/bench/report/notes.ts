/** What a figure does not say by itself: where a peer cannot express a case, or answers less. */
import type { CaseName } from '../cases.ts';
import type { SubjectName } from '../subject.ts';

const NO_VERSIONS =
  'cannot compare versions: matches a regular expression of the versions above instead, so it does less than asked';

/** Cases with a rule that compares versions. */
const WITH_VERSIONS: readonly CaseName[] = ['c', 'd', 'e-1000-evaluated', 'e-5000-evaluated'];

/** The note on a subject in a case, if any. */
export function noteOf(name: CaseName, subject: SubjectName): string | undefined {
  if (subject === 'vercel-flags-core' && WITH_VERSIONS.includes(name)) return NO_VERSIONS;
  if (subject === 'unleash' && name === 'd') return 'has no reasons to report';
  if (subject === 'flagd-core' && name === 'd') return 'leaves out the flags that are off';
  if (subject === 'floor' && name.startsWith('e-')) return 'is JSON.parse; it evaluates nothing';
  return undefined;
}

/** Whether the subject does all that the case asks, so that it counts as a competitor in it. */
export const expresses = (name: CaseName, subject: SubjectName): boolean => noteOf(name, subject) !== NO_VERSIONS;
