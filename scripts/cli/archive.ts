/** `lockstep exposures archive`: what ingest keeps of who was served what, by hour. */
import { once } from 'node:events';
import { CommandError } from './command-error.ts';
import { type Ingest, ingestOf } from './ingest.ts';
import { runningPlanet } from './running-planet.ts';
import { table } from './table.ts';

export interface ArchiveOptions {
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** The name is a metric's, and outcomes are asked for. */
  readonly outcomes: boolean;
}

export interface ArchivedObject {
  readonly name: string;
  readonly bytes: number;
}

export async function listArchive(
  name: string,
  { json, ...options }: ArchiveOptions & { readonly json: boolean },
): Promise<number> {
  const objects: ArchivedObject[] = [];
  for await (const object of archivedObjects(ingestOf(await runningPlanet()), name, options)) objects.push(object);
  console.log(json ? JSON.stringify({ objects }, null, 2) : objectsText(objects));
  return 0;
}

/** Lines of all objects go to standard output, how far it is to standard error. */
export async function getArchive(name: string, options: ArchiveOptions): Promise<number> {
  const ingest = ingestOf(await runningPlanet());
  let objects = 0;
  for await (const object of archivedObjects(ingest, name, options)) {
    for await (const chunk of await ingest.stream(`/v1/archive/${object.name}`))
      if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    objects++;
    if (process.stderr.isTTY) process.stderr.write(`\r${objects} objects`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  return 0;
}

/** A page after another, in the order of their hours. */
export async function* archivedObjects(
  ingest: Pick<Ingest, 'ask'>,
  name: string,
  { from, to, outcomes }: ArchiveOptions,
): AsyncGenerator<ArchivedObject> {
  const query = { [outcomes ? 'metric' : 'flag']: name, from: timeOf('--from', from), to: timeOf('--to', to) };
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const asked: URLSearchParams = new URLSearchParams({ ...query, cursor });
    const answer = (await ingest.ask('GET', `/v1/archive?${asked}`)) as ArchiveAnswer;
    yield* answer.objects;
    cursor = answer.next;
  }
}

interface ArchiveAnswer {
  readonly objects: readonly ArchivedObject[];
  readonly next?: string;
}

export function objectsText(objects: readonly ArchivedObject[]): string {
  if (objects.length === 0) return 'nothing is archived of these hours';
  const rows = objects.map(({ name, bytes }) => [hourIn(name), String(bytes), name]);
  return table([['hour', 'bytes', 'name'], ...rows]);
}

const hourIn = (name: string): string => {
  const [hour = '', day = '', month = '', year = ''] = name.split('/').reverse().slice(1);
  return `${year}-${month}-${day}T${hour}Z`;
};

function timeOf(option: string, text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new CommandError(`${option}: must be a time, as 2026-11-30T08:00:00Z`);
  return String(time);
}
