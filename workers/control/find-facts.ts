/** Finds out what a decision needs, outside of it: tickets, trainings, identities. Then the command is given, and again if it needs more by then. */
import type { TicketState } from '#control/facts';
import type { FactsNeeded } from '#control/facts-needed';
import { withDeadline } from '#http/with-deadline';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import type { IdentityPort } from './identity-port.ts';
import { type Answer, type Known, nothingKnown, type Order, type OrderRefusal } from './order.ts';
import type { TicketPort } from './ticket-port.ts';
import type { TrainingPort } from './training-port.ts';

export interface FactPorts {
  readonly identities: IdentityPort;
  readonly tickets: TicketPort;
  readonly trainings: TrainingPort;
}

/** Identities cannot be asked. An identity that is unknown would void what it approved, so nothing is decided. */
export interface NobodyKnown {
  readonly code: 'identities-unreachable';
}

/** A look-up that takes longer has failed. */
const PATIENCE_MS = 5_000;
/** Accounts that are linked one to another; more than these are a mistake. */
const MAX_LINKS = 16;
/** What is needed is another only where somebody else changed the request meanwhile. */
const ROUNDS = 4;

export async function findFacts(
  { identities, tickets, trainings }: FactPorts,
  needed: FactsNeeded,
): Promise<Result<Known, NobodyKnown>> {
  const inTime = within(PATIENCE_MS);
  try {
    const linked = await linksOf(needed.persons, (person) => inTime(() => identities.linked(person)));
    const [states, completed, principals] = await Promise.all([
      mapped(needed.tickets, (ticket) => inTime(() => tickets.stateOf(ticket)).catch((): TicketState => 'unreachable')),
      mapped(needed.persons, (person) =>
        completedBy(person, linked, (name) => inTime(() => trainings.completedBy(name))),
      ),
      mapped(needed.principals, (id) => inTime(() => identities.byId(id))),
    ]);
    const present = [...principals].filter((entry): entry is [string, Principal] => entry[1] !== undefined);
    return ok({ asked: needed, tickets: states, trainings: completed, principals: new Map(present), linked });
  } catch {
    return refused({ code: 'identities-unreachable' });
  }
}

/** The order, with all that it needs by the time it is decided. */
export async function executeWithFacts(
  execute: (order: Order) => Promise<Result<Answer, OrderRefusal>>,
  ports: FactPorts,
  order: Omit<Order, 'known'>,
): Promise<Result<Answer, OrderRefusal | NobodyKnown>> {
  let answer = await execute({ ...order, known: nothingKnown });
  for (let round = 0; round < ROUNDS; round++) {
    if (answer.ok || answer.error.code !== 'facts-missing') return answer;
    const known = await findFacts(ports, answer.error.needed);
    if (!known.ok) return known;
    answer = await execute({ ...order, known: known.value });
  }
  return answer;
}

/** Rejects where there is no answer in that time. */
const within =
  (milliseconds: number) =>
  async <T>(ask: () => Promise<T>): Promise<T> => {
    const answer = await withDeadline(milliseconds, async () => ({ value: await ask() }));
    if (answer === undefined) throw new Error('no answer in time');
    return answer.value;
  };

async function mapped<T>(
  names: readonly string[],
  find: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const entries = names.map(async (name) => [name, await find(name)] as const);
  return new Map(await Promise.all(entries));
}

async function linksOf(
  persons: readonly string[],
  find: (person: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const links = new Map<string, string>();
  const follow = async (person: string): Promise<void> => {
    let name: string | undefined = person;
    for (let count = 0; count < MAX_LINKS && name !== undefined && !links.has(name); count++) {
      const next: string | undefined = await find(name);
      if (next !== undefined) links.set(name, next);
      name = next;
    }
  };
  await Promise.all(persons.map(follow));
  return links;
}

/** Under any of the person's names. Where the system does not answer, none is. */
async function completedBy(
  person: string,
  linked: ReadonlyMap<string, string>,
  find: (name: string) => Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let name: string | undefined = person; name !== undefined && !names.has(name); name = linked.get(name)) {
    names.add(name);
  }
  const done = await Promise.all([...names].map((name) => find(name).catch(() => new Set<string>())));
  return new Set(done.flatMap((one) => [...one]));
}
