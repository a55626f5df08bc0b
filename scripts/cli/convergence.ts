/** `lockstep convergence`: which version is in force where, by the word of those who have it; waits until it is in force everywhere. */
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { keyOf, runningPlanet, urlOf } from './running-planet.ts';
import { table } from './table.ts';

export interface ConvergenceOptions {
  /** The one in force, where none is given. */
  readonly version?: number;
  readonly region?: string;
  readonly wait: boolean;
  /** Seconds. */
  readonly timeout: number;
  readonly json: boolean;
}

/** As much of the board as is shown (docs/stream.md). */
export interface Board {
  readonly version: number;
  readonly asked: number;
  readonly floor: number;
  readonly everywhere: boolean;
  readonly stage: { readonly version: number; readonly audience: string } | null;
  readonly waiting: BoardWaiting | null;
  readonly share: number | null;
  readonly regions: readonly {
    readonly region: string;
    readonly cloud: string;
    readonly version: number;
    readonly lowest: number;
    readonly ageMs: number;
    readonly instances: number;
    readonly behind: number;
    readonly stale: number;
  }[];
  readonly instances: readonly BoardInstance[];
}

interface BoardWaiting {
  readonly version: number;
  readonly needs: number;
  readonly flags: readonly string[];
  readonly behind: {
    readonly places: readonly {
      readonly region: string;
      readonly cloud: string;
      readonly instances: number;
      readonly names?: readonly string[];
    }[];
    readonly targets: readonly string[];
  };
}

interface BoardInstance {
  readonly instance: string;
  readonly kind: string;
  readonly region: string;
  readonly version: number;
  readonly ageMs: number;
  readonly stale: boolean;
  readonly behind: boolean;
  readonly error?: { readonly code: string; readonly version: number; readonly message: string };
}

const INTERVAL_MS = 200;

/** 0 where it is in force everywhere, 2 where it is not. */
export async function convergenceCommand(options: ConvergenceOptions): Promise<number> {
  const end = Date.now() + options.timeout * 1_000;
  let board = await boardNow(options);
  while (options.wait && !board.everywhere && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    board = await boardNow(options);
  }
  console.log(options.json ? JSON.stringify(board, null, 2) : boardText(board, options.region));
  return board.everywhere ? 0 : 2;
}

async function boardNow({ version, region }: ConvergenceOptions): Promise<Board> {
  const planet = await runningPlanet();
  const query = new URLSearchParams({
    limit: '1000',
    ...(version !== undefined && { version: String(version) }),
    ...(region !== undefined && { region }),
  });
  const url = `${urlOf(planet, 'stream')}/v1/convergence?${query}`;
  const answer = await call('stream', url, { key: keyOf(planet, 'server') });
  if (!answer.ok) throw new CommandError(answer.error.detail);
  return (await answer.value.json()) as Board;
}

export function boardText(board: Board, region?: string): string {
  const { version, asked, floor, everywhere, stage, waiting, share, regions, instances } = board;
  const where = region === undefined ? 'everywhere' : `everywhere in ${region}`;
  const whose = region === undefined ? 'no instance' : `no instance of ${region}`;
  const behind = instances.filter((one) => one.behind || one.stale || one.error !== undefined);
  return [
    `version ${asked} is ${everywhere ? '' : 'not '}in force ${where}`,
    ...(asked === version ? [] : [`version ${version} is everybody's`]),
    ...(stage === null ? [] : [`version ${stage.version} is with ${AUDIENCES[stage.audience] ?? stage.audience}`]),
    ...(waiting === null ? [] : [waitingText(waiting)]),
    ...(floor > 0 && floor < asked ? [`the lowest in force anywhere is ${floor}`] : []),
    ...(share === null
      ? []
      : [`${(share * 100).toFixed(1)} % of the last ten seconds' decisions were made at it or above`]),
    ...(regions.length === 0 ? [`${whose} was heard in the last ten minutes`] : ['', table(regionRows(regions))]),
    ...(behind.length === 0 ? [] : ['', table(behind.slice(0, SHOWN).map((one) => instanceRow(one, asked)))]),
    ...(behind.length > SHOWN ? [`and ${behind.length - SHOWN} more`] : []),
  ].join('\n');
}

const AUDIENCES: Readonly<Record<string, string>> = { canary: 'its canary', region: "its canary's region" };
const SHOWN = 20;

function waitingText({ version, needs, flags, behind: { places, targets } }: BoardWaiting): string {
  const named = places.map(({ region, cloud, instances, names = [] }) =>
    [`${instances} in ${region || '-'} (${cloud || '-'})`, ...(names.length > 0 ? [names.join(', ')] : [])].join(': '),
  );
  const who = [...named, ...targets].join(', ');
  return `version ${version} waits, for ${flags.join(', ')}, until everybody has version ${needs}${who && `: not yet ${who}`}`;
}

const regionRows = (regions: Board['regions']): string[][] => [
  ['region', 'cloud', 'version', 'lowest', 'age', 'instances', 'behind', 'stale'],
  ...regions.map((one) => [
    ...[one.region || '-', one.cloud || '-', String(one.version), String(one.lowest), ageText(one.ageMs)],
    ...[String(one.instances), String(one.behind), String(one.stale)],
  ]),
];

function instanceRow({ instance, kind, region, version, ageMs, stale, error }: BoardInstance, asked: number): string[] {
  const state = version < asked ? 'is behind' : stale ? 'is stale' : 'has refused';
  const why = error === undefined ? '' : `refused ${error.version}: ${error.code}: ${error.message}`;
  return [kind, instance, region || '-', `version ${version}`, ageText(ageMs), state, why];
}

const ageText = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
