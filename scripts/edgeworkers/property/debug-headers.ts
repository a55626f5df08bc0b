/**
 * What the platform tells of an EdgeWorker when asked by `Pragma`: here always at length, and without a token. Source:
 * techdocs.akamai.com/edgeworkers/docs/enhanced-debug-header-details, and beside it for sub-requests and logs.
 */
import type { EventName, EventReport, HeaderLines } from '../event.ts';
import { headerOf } from '../http-message.ts';

export interface DebugSubject {
  readonly edgeWorkerId: number;
  readonly version: string;
  readonly name: string;
  readonly tierId: number;
}

/** As headers name them. */
const HEADER_NAMES: Readonly<Record<EventName, string>> = {
  onClientRequest: 'onClientRequest',
  onOriginRequest: 'onOriginRequest',
  onOriginResponse: 'onOriginResponse',
  onClientResponse: 'onClientResponse',
  responseProvider: 'ResponseProvider',
};

/** As the header of sub-requests names them. */
const SHORT_NAMES: Readonly<Record<EventName, string>> = {
  onClientRequest: 'CReq',
  onOriginRequest: 'OReq',
  onOriginResponse: 'ORsp',
  onClientResponse: 'CRsp',
  responseProvider: 'RP',
};

export const pragmasOf = (headers: HeaderLines): ReadonlySet<string> =>
  new Set((headerOf(headers, 'pragma') ?? '').toLowerCase().split(/\s*,\s*/));

export function debugHeaders(
  pragmas: ReadonlySet<string>,
  subject: DebugSubject,
  reports: readonly EventReport[],
): HeaderLines {
  const isAsked = ({ event }: EventReport): boolean =>
    event === 'responseProvider'
      ? pragmas.has('akamai-x-ew-debug') || pragmas.has('akamai-x-ew-debug-rp')
      : pragmas.has('akamai-x-ew-debug') || pragmas.has(`akamai-x-ew-${event.toLowerCase()}`);
  const lines = reports.filter(isAsked).flatMap((report) => linesOf(subject, report));
  const subRequests = reports.flatMap((report) => subRequestsOf(subject, report));
  const isAskedForThem = pragmas.has('akamai-x-ew-debug-subs') && subRequests.length > 0;
  return isAskedForThem ? [...lines, ['X-Akamai-Edgeworker-Subrequests', subRequests.join(', ')]] : lines;
}

function linesOf({ edgeWorkerId, version, name, tierId }: DebugSubject, report: EventReport): HeaderLines {
  const prefix = `X-Akamai-EdgeWorker-${HEADER_NAMES[report.event]}`;
  const info = [
    `ew=${edgeWorkerId} v${version}:${name}`,
    `status=${report.status}`,
    `status_msg=${report.statusMessage}`,
    `res_tier=${tierId}`,
    `init_wall_time=${rounded(report.initWallMs)}`,
    `wall_time=${rounded(report.wallMs)}`,
    `init_cpu_time=${rounded(report.initCpuMs)}`,
    `cpu_time=${rounded(report.cpuMs)}`,
    `memory_usage=${report.memoryBytes}`,
  ].join('; ');
  const log: HeaderLines = report.log === '' ? [] : [[`${prefix}-Log`, printable(report.log)]];
  return [[`${prefix}-Info`, printable(info)], ...log];
}

const subRequestsOf = ({ edgeWorkerId }: DebugSubject, { event, subRequests }: EventReport): readonly string[] =>
  subRequests.map(({ id, method, url, response, error, durationMs, queuedMs }) =>
    [
      `ew=${edgeWorkerId}`,
      `evt=${SHORT_NAMES[event]}`,
      `id=${id}`,
      `method="${method}"`,
      `url="${url}"`,
      ...(response === undefined ? [] : [`rsp=${response}`]),
      ...(error === undefined ? [] : [`err="${printable(error)}"`]),
      ...(durationMs === undefined ? [] : [`dur=${rounded(durationMs)}`]),
      ...(queuedMs === undefined ? [] : [`rate_limited_dur=${rounded(queuedMs)}`]),
    ].join('; '),
  );

const rounded = (milliseconds: number): string => String(Math.round(milliseconds * 1_000) / 1_000);

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');
