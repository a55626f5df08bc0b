/** What is said of the status of whoever serves a ruleset, in a few words. */
/** As much as is said of whoever serves a ruleset; null where it does not answer. */
type Status = { readonly version: number | null; readonly ageMs?: number | undefined; readonly stale: boolean } | null;

export type PopState = 'fresh' | 'stale' | 'offline' | 'silent';

export function popState(status: Status): PopState {
  if (status === null) return 'silent';
  if (status.version === null) return 'offline';
  return status.stale ? 'stale' : 'fresh';
}

export function popStateText(state: PopState, status: Status): string {
  switch (state) {
    case 'fresh':
      return 'fresh';
    case 'stale':
      return `STALE, ${ageText(status)}`;
    case 'offline':
      return 'offline defaults';
    case 'silent':
      return 'no answer';
    default:
      return state satisfies never;
  }
}

export const versionText = (status: Status): string =>
  status === null || status.version === null ? 'no version' : `version ${status.version}`;

export const ageText = (status: Status): string =>
  status?.ageMs === undefined ? 'no age' : `${(status.ageMs / 1_000).toFixed(1)} s old`;
