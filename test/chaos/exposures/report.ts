/** A run's result for people: what was told, lost and counted, and everything that was done to it. */
import { table } from '../../../scripts/cli/table.ts';
import { sums } from './judge.ts';
import type { ExposuresResult } from './run-exposures.ts';
import { EMITTERS } from './visit-plan.ts';

export interface Row {
  readonly what: string;
  readonly told: number;
  /** With the tails of emitters that were killed. */
  readonly lost: number;
  readonly counted: number;
  /** 0, or something is wrong. */
  readonly difference: number;
}

export function rowsOf({ judged, counted, ledgers, badPassed, faults }: ExposuresResult): Row[] {
  const [told, sent] = [sums(judged.told), sums(judged.sent)];
  const row = (what: string, toldOf: number, sentOf: number, countedOf: number): Row => {
    return { what, told: toldOf, lost: toldOf - sentOf, counted: countedOf, difference: countedOf - sentOf };
  };
  const exact = (what: string, expected: number, found: number): Row => row(what, expected, expected, found);
  const all = [...new Set([...told.keys(), ...counted.sums.keys()])].sort();
  return [
    ...all.map((what) => row(what, told.get(what) ?? 0, sent.get(what) ?? 0, counted.sums.get(what) ?? 0)),
    ...EMITTERS.map(({ name }, at) =>
      exact(`batches missing of ${name}, one a kill`, faults.emitterKills[at] ?? 0, counted.missing.get(name) ?? 0),
    ),
    exact('bad events that emitters put aside', badPassed, total(ledgers.map(({ dropped }) => dropped))),
    exact('losses that are no tail', 0, judged.torn),
    exact('exposures that became counts', 0, counted.collapsed),
    exact('outcomes given up', 0, total(ledgers.map(({ outcomes }) => outcomes.dropped))),
    exact('contradictions', 0, judged.told.contradictions),
    exact('incidents', 0, counted.incidents),
    exact('gzip bombs taken', 0, faults.bombsTaken),
  ];
}

export const isExact = (rows: readonly Row[]): boolean => rows.every(({ difference }) => difference === 0);

export function reportText(result: ExposuresResult): string {
  const { judged, counted, pages, faults, ways, seconds, badPassed } = result;
  const numbers = rowsOf(result).map(({ what, told, lost, counted: found, difference }) => [
    ...[told, lost, found, difference].map((one) => String(one).padStart(10)),
    what,
  ]);
  const head = ['told', 'lost', 'counted', 'difference'].map((one) => one.padStart(10));
  const toldNow = total(judged.told.exposures.map(({ users }) => users));
  const atPages = total(Object.values(pages.users));
  return [
    table([[...head, 'what'], ...numbers]),
    '',
    `${toldNow} exposures: ${atPages} by ${pages.requests} requests at the edge Workers of three POPs, ${toldNow - atPages} by the SDK's emitter in six processes, three of services and three at POPs`,
    `${total(Object.values(judged.told.outcomes))} first outcomes; the longest tail of an emitter that was killed: ${judged.longestTail} exposures`,
    `kill -9: emitters ${total(faults.emitterKills)}, ingest ${faults.ingestKills}; inboxes and shards ended: ${faults.aborts}; disks filled: ${faults.disksFilled}; gzip bombs: ${faults.bombs}; bad events: ${badPassed}`,
    `on the way: ${ways.beacons} beacons, ${ways.twice} came twice, ${ways.held} were held up, ${ways.lost} lost, ${ways.unanswered} answered in vain, ${ways.refused} refused; ${counted.duplicates} duplicates at ingest`,
    `${seconds.toFixed(0)} s`,
  ].join('\n');
}

const total = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);
