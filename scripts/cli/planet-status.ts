/** `lockstep planet status`: what each POP serves, and how everything else is. */
import { faultText } from '../planet/fault-text.ts';
import { stageText } from '../planet/stage-text.ts';
import type { LinkStatus, OriginStatus, PlanetStatus, PopStatus } from '../planet/status.ts';
import { targetText } from '../planet/target-text.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { runningPlanet, urlOf } from './running-planet.ts';
import { table } from './table.ts';

export async function planetStatusCommand({ json }: { readonly json: boolean }): Promise<number> {
  const answer = await call('planet', `${urlOf(await runningPlanet(), 'planet')}/planet/status`);
  if (!answer.ok) throw new CommandError(answer.error.detail);
  const status = (await answer.value.json()) as PlanetStatus;
  console.log(json ? JSON.stringify(status, null, 2) : statusText(status));
  return 0;
}

function statusText(status: PlanetStatus): string {
  const { environment, pops, origins, board, processes, control, publisher, ingest, links } = status;
  const rows = [
    ['POP', 'cloud', 'region', 'version', 'age', 'state', 'refusals', 'store errors', 'exposures sent', 'dropped'],
    ...pops.map(popRow),
  ];
  const running = [
    ['process', 'state', 'pid', 'restarts', 'url'],
    ...processes.map(({ name, state, pid, restarts, url }) => [name, state, String(pid ?? '-'), String(restarts), url]),
  ];
  const faulty = links.filter(({ faults }) => faults.length > 0);
  return [
    environment,
    '',
    table(rows),
    '',
    ...(origins.length === 0 ? [] : [table([ORIGIN_HEAD, ...origins.flatMap(originRows)]), '']),
    controlText(control),
    publisher === null ? 'publisher  does not answer' : publisherText(publisher),
    board === null
      ? 'stream     does not answer'
      : `stream     version ${board.version}, ${board.everywhere ? 'in force everywhere' : 'not in force everywhere (lockstep convergence)'}`,
    ingest === null
      ? 'ingest     does not answer'
      : `ingest     ${ingest.total} exposures counted, ${ingest.quarantined} in quarantine`,
    ...(publisher === null || publisher.targets.length === 0 ? [] : ['', table(targetRows(publisher.targets))]),
    '',
    table(running),
    '',
    faulty.length === 0 ? 'every link is whole' : table(faulty.map(linkRow)),
  ].join('\n');
}

function controlText(control: PlanetStatus['control']): string {
  if (control === null) return 'control    does not answer';
  const { entries, signed, message } = control;
  return `control    ${entries} entries in the log, ${signed} signed${message === undefined ? '' : `; ${message}`}`;
}

function publisherText({ version, unacknowledged, stage }: NonNullable<PlanetStatus['publisher']>): string {
  const stands = stage && stageText(stage);
  const returns = unacknowledged > 0 ? [`${unacknowledged} returns to acknowledge`] : [];
  return `publisher  ${[`version ${version ?? 'none'}`, ...returns, ...(stands === undefined ? [] : [stands])].join(', ')}`;
}

function targetRows(targets: NonNullable<PlanetStatus['publisher']>['targets']): string[][] {
  const rows = targets.map((one) => [one.name, targetText(one)]);
  return [['target', 'state'], ...rows];
}

const ORIGIN_HEAD = ['process', 'cloud', 'region', 'version', 'age', 'state'];

const originRows = ({ name, region, relay, booking }: OriginStatus): string[][] => [
  [`relay-${name}`, name, region, ...served(relay)],
  [`booking-${name}`, name, region, ...served(booking)],
];

/** Version, age and state. */
function served(status: OriginStatus['booking']): string[] {
  if (status === null) return ['-', '-', 'does not answer'];
  const { version, ageMs, stale } = status;
  return [
    version === null ? 'none' : String(version),
    ageMs === undefined ? '-' : `${(ageMs / 1_000).toFixed(1)} s`,
    version === null ? 'offline defaults' : stale ? 'STALE' : 'fresh',
  ];
}

function popRow({ name, cloud, region, status }: PopStatus): string[] {
  if (status === null) return [name, cloud, region, ...served(null), '-', '-', '-', '-'];
  const { refusals, storeErrors, exposures } = status;
  return [
    name,
    cloud,
    region,
    ...served(status),
    String(refusals),
    String(storeErrors),
    exposures === undefined ? '-' : String(exposures.sent),
    exposures === undefined ? '-' : String(exposures.dropped),
  ];
}

const linkRow = ({ name, faults, calls, failed }: LinkStatus): string[] => [
  name,
  faults.map(faultText).join(', '),
  `${failed} of ${calls} calls failed`,
];
