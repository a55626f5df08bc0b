/** The EdgeWorker's figures as text to read. */
import { figure, table } from '../report/table.ts';
import { AKAMAI_CASES, AKAMAI_TITLES, type AkamaiCase } from './cases.ts';
import type { AkamaiFigures, AkamaiRow } from './measure.ts';

const METHOD =
  'Each figure is a median over events in the harness of scripts/edgeworkers, on the Basic tier, over its factor of the machine; CPU where ' +
  'the young generation alone is collected around a turn, bytes where everything is. Bytes of a first event have those of the start in them.';

export function akamaiText({ rows, view, mainGzip }: AkamaiFigures): string {
  const about =
    `A view of ${figure(view.bytes)} bytes, ${figure(view.flags)} flags of the mix of d and e. ` +
    `main.js, gzipped: ${figure(mainGzip.pages)} bytes for pages, ${figure(mainGzip.ofrep)} for OFREP.`;
  return [about, METHOD, ...AKAMAI_CASES.map((name) => caseText(name, rows))].join('\n\n');
}

function caseText(name: AkamaiCase, rows: readonly AkamaiRow[]): string {
  const mine = rows.filter((row) => row.case === name);
  const floor = mine.find(({ subject }) => subject === 'floor');
  const cells = mine.map(({ subject, ns, bytes, subRequests }) => [
    subject,
    figure(ns),
    figure(floor && ns - floor.ns),
    figure(bytes),
    figure(bytes === undefined || floor?.bytes === undefined ? undefined : bytes - floor.bytes),
    figure(subRequests),
  ]);
  const head = ['subject', 'ns', 'above floor', 'bytes', 'above floor', 'sub-requests'];
  return `### ${name}\n\n${AKAMAI_TITLES[name]}\n\n${table(head, cells)}`;
}
