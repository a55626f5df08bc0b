/** What `GET /v1/archive` is asked: a flag or a metric, hours, and where a page starts. Pure. */
import { ok, type Result, refused } from '#schema/result';
import { type ArchiveFolder, archivePrefix, HOUR_MS, hourPrefix } from './archive-names.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const MAX_CURSOR = 1_024;
/** The year 9999: names of later hours would not be in their order. */
const MAX_FROM = 253_402_300_799_999;

/** Names in order, behind `after` and before `before`. */
export interface ArchiveRange {
  readonly prefix: string;
  readonly after: string;
  readonly before: string;
  readonly limit: number;
}

/** Refused with what the caller should mend. An empty parameter is one that is not there; unknown ones are passed over. */
export function readArchiveQuery(environment: string, parameters: URLSearchParams): Result<ArchiveRange, string> {
  const read = (name: string): string | undefined => parameters.get(name) || undefined;
  const [flag, metric, cursor] = [read('flag'), read('metric'), read('cursor')];
  const [from, to, limit] = [timeOf(read('from')), timeOf(read('to')), Number(read('limit') ?? DEFAULT_LIMIT)];
  const subject = flag ?? metric ?? '';
  if ((flag === undefined) === (metric === undefined)) return refused('ask for a flag or for a metric');
  if (!/^[\w.-]{1,256}$/.test(subject)) return refused('flag and metric: a name has letters, digits, "_", "." and "-"');
  if (!(from < to)) return refused('from and to must be milliseconds since 1970, from before to');
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT))
    return refused(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
  const folder: ArchiveFolder = { kind: flag === undefined ? 'outcomes' : 'exposures', environment, subject };
  const prefix = archivePrefix(folder);
  const first = hourPrefix(folder, Math.floor(from / HOUR_MS));
  const before = hourPrefix(folder, Math.ceil(to / HOUR_MS));
  if (cursor !== undefined && !(cursor.length <= MAX_CURSOR && cursor >= first && cursor < before))
    return refused('cursor must be the "next" of an earlier answer to the same question');
  return ok({ prefix, after: cursor ?? first, before, limit });
}

/** NaN where the text is none. */
const timeOf = (text = ''): number => {
  const time = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return time <= MAX_FROM - HOUR_MS ? time : Number.NaN;
};
