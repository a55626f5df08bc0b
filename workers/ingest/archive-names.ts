/** Names of the archive's objects: by environment, flag or metric, and hour. Pure. */

export const HOUR_MS = 3_600_000;

export type ArchivedKind = 'exposures' | 'outcomes';

export interface ArchiveFolder {
  readonly kind: ArchivedKind;
  readonly environment: string;
  /** The key of a flag, or the name of a metric: neither has a slash. */
  readonly subject: string;
}

export const archivePrefix = ({ kind, environment, subject }: ArchiveFolder): string =>
  `${kind}/${environment}/${subject}/`;

/** In the order of time as texts are ordered. `hour`: hours since 1970. */
export const hourPrefix = (folder: ArchiveFolder, hour: number): string =>
  `${archivePrefix(folder)}${new Date(hour * HOUR_MS).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')}/`;

export interface BatchPlace {
  readonly inbox: string;
  /** Positions in the inbox's log. */
  readonly from: number;
  readonly until: number;
}

/** With a digest of its content: what another inbox's log, or one that was set back, holds at the same positions is another object. */
export const objectName = (prefix: string, { inbox, from, until }: BatchPlace, digest: string): string =>
  `${prefix}${inbox}-${padded(from)}-${padded(until)}-${digest}.ndjson.gz`;

const padded = (position: number): string => String(position).padStart(12, '0');
