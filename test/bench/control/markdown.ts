/** The control plane's figures as text to read. */
import { figure, ratio, table } from '../report/table.ts';
import type { AuditFigures } from './audit-measure.ts';
import { AUDIT_CASES, AUDIT_TITLES, SIZE_TITLES, SIZES, STAGE_TITLES, STAGES } from './cases.ts';
import type { ControlFigures } from './measure.ts';

export function controlText({ rows, entries, compiled, replaced }: ControlFigures): string {
  const ns = (name: string, subject: 'lockstep' | 'floor'): number | undefined =>
    rows.find((row) => row.case === name && row.subject === subject)?.ns;
  const about =
    `Medians of changes of one flag in turn, each published and acknowledged. The long log had ${figure(entries)} entries. ` +
    `Compiled for one change: ${compiled}; entries of the payload that were other objects behind it: ${replaced}.`;
  const tables = STAGES.map((stage) => {
    const smallest = ns(`control-${stage}-10`, 'lockstep');
    const cells = SIZES.map((size) => {
      const name = `control-${stage}-${size}`;
      const [mine, floor] = [ns(name, 'lockstep'), ns(name, 'floor')];
      const perSecond = mine === undefined ? undefined : Math.round(1e9 / mine);
      return [
        SIZE_TITLES[size],
        ...[figure(mine), figure(perSecond), ratio(mine && smallest && mine / smallest), figure(floor)],
      ];
    });
    const head = [`control-${stage}`, 'ns', 'a second', '/ 10 flags', 'floor ns'];
    return `### control-${stage}\n\n${STAGE_TITLES[stage]}\n\n${table(head, cells)}`;
  });
  return [about, ...tables].join('\n\n');
}

export function auditText({ rows, entries, firstOverFloor }: AuditFigures): string {
  const about =
    `Exports of ${figure(entries)} entries, a checkpoint behind each 1,000, in chunks of 1 MiB. Medians of CPU, other threads of the ` +
    `process included. The floor is one SHA-256 over the same chunks. The first time in a process it was ${ratio(firstOverFloor)} times the floor.`;
  const cells = AUDIT_CASES.flatMap((name) => {
    const [mine, floor] = (['lockstep', 'floor'] as const).map((subject) =>
      rows.find((row) => row.case === name && row.subject === subject),
    );
    if (mine === undefined || floor === undefined) return [];
    const perLine = Math.round(mine.bytes / entries);
    const ms = ({ ns }: { readonly ns: number }): string => figure(ns / 1e6);
    return [[`${name}: ${AUDIT_TITLES[name]}`, figure(perLine), ms(mine), ms(floor), ratio(mine.ns / floor.ns)]];
  });
  return `${about}\n\n${table(['log', 'B/line', 'ms', 'floor ms', '/ floor'], cells)}`;
}
