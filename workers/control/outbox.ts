/**
 * Publishes what waits, environment by environment: in order, the newest alone, until the publisher has acknowledged it. Whatever was
 * tried is tried again just so, for perhaps the answer was lost.
 */
import { type DuePublish, duePublishes } from '#control/due-work';
import { changedLines, payloadLines } from '#control/payload-lines';
import { get, sortedEntries } from '#control/persistent-map';
import type { Command } from '#schema/control-command';
import type { Result } from '#schema/result';
import type { Work } from './carrying.ts';
import { createDigestedLines } from './digested-lines.ts';
import type { Executing } from './executing.ts';
import { ITSELF } from './itself.ts';
import { type Known, nothingKnown, type OrderRefusal } from './order.ts';
import { failedParcel, type Parcel, type Trouble } from './parcel.ts';
import type { PublisherPort, PublishRequest } from './publisher-port.ts';
import { takeOver } from './take-over.ts';

export interface OutboxDeps {
  readonly executing: Executing;
  readonly publisher: PublisherPort;
  /** Base64url. */
  readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface Outbox {
  /** One for each environment in which something waits: tries it until it is in force, or has to be tried later. */
  works(): readonly Work[];
  /** Takes over what publishers have done that the log does not know: of an organisation that was restored, they may know more. */
  catchUp(): Promise<void>;
}

const VIA = 'outbox';

export function createOutbox({ executing, publisher, sha256, now, random }: OutboxDeps): Outbox {
  const digestedLines = createDigestedLines({ executing, sha256 });

  const order = (command: Command, known: Known = nothingKnown): Result<unknown, OrderRefusal> =>
    executing.execute({ command, actor: ITSELF, via: VIA, known });

  const parcelOf = (environment: string): Parcel | undefined => executing.held().parcels.get(environment);

  /** What is to be sent now; undefined where nothing is. */
  function nextIn(environment: string): { readonly parcel: Parcel; readonly due: DuePublish } | undefined {
    const parcel = parcelOf(environment);
    const due = duePublishes(executing.held().state).find((one) => one.environment === environment);
    if (parcel === undefined || due === undefined || parcel.nextAt > now()) return undefined;
    return { parcel, due: parcel.tried ?? due };
  }

  async function attempt(due: DuePublish): Promise<Trouble | undefined> {
    const outcome = await publisher.publish(due.environment, requestOf(executing, due));
    switch (outcome.kind) {
      case 'in-force': {
        const { kind: _kind, ...inForce } = outcome;
        const { environment, generation } = due;
        const command = { type: 'acknowledge', environment, generation, ...inForce } as const;
        const digested = await digestedLines(command);
        const done = order(command, { ...nothingKnown, ...(digested && { digested }) });
        return done.ok ? undefined : takeOver({ executing, publisher, order }, due);
      }
      case 'behind':
        return takeOver({ executing, publisher, order }, due);
      default:
        return outcome;
    }
  }

  async function publishAll(environment: string): Promise<void> {
    for (let next = nextIn(environment); next !== undefined; next = nextIn(environment)) {
      const parcel = { ...next.parcel, tried: next.due };
      // Written before it is sent: after a crash, nothing newer goes in its place.
      executing.putParcel(environment, parcel);
      const trouble = await attempt(next.due);
      const present = parcelOf(environment);
      if (trouble === undefined || present === undefined) continue;
      const failed = failedParcel(present, trouble, now(), random());
      // What came meanwhile and waits for no backoff goes at once.
      executing.putParcel(environment, present === parcel ? failed : { ...failed, nextAt: now() });
    }
  }

  return {
    works: () =>
      [...executing.held().parcels].map(([environment, { nextAt }]) => ({
        ...{ name: `payload of ${environment}`, at: nextAt },
        run: () => publishAll(environment),
      })),
    async catchUp() {
      const environments = sortedEntries(executing.held().state.environments);
      const known = environments.filter(
        ([environment, { force }]) => force.version > 0 && parcelOf(environment) === undefined,
      );
      await Promise.all(
        known.map(
          ([
            environment,
            {
              payload,
              force: { version, journalId },
            },
          ]) => {
            const { generation } = payload;
            return takeOver(
              { executing, publisher, order },
              { environment, generation, version, journalId, confirm: [] },
            );
          },
        ),
      );
    },
  };
}

function requestOf(
  executing: Executing,
  { environment, generation, version, confirm, override, journalId }: DuePublish,
): PublishRequest {
  const found = get(executing.held().state.environments, environment);
  if (found === undefined) throw new Error(`environment ${environment} has a parcel, and is not there`);
  const { digest } = found.force;
  return {
    ...{ base: version, lines: () => payloadLines(found, generation), confirm },
    ...(version > 0 && { changed: { changes: changedLines(found, generation), digest } }),
    ...(override && { override }),
    ...(journalId > 0 && { acknowledge: journalId }),
    reason: `generation ${generation}`,
  };
}
