/** An organisation as its Durable Object has it, over a file, and one command after another through all of it. */
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519Verifier } from '#control/audit/ed25519';
import { defaultPolicyOperations } from '#control/default-policies';
import { changesBetween, get } from '#control/persistent-map';
import type { State } from '#control/state';
import { encodeBase64url } from '#core/base64url';
import type { Command } from '#schema/control-command';
import { operation } from '#schema/control-operation';
import type { Actor } from '#schema/control-principal';
import { createControl } from '../../../workers/control/control.ts';
import { executeWithFacts } from '../../../workers/control/find-facts.ts';
import { createOrganisationStore } from '../../../workers/control/organisation-store.ts';
import { webhookAddressFault } from '../../../workers/control/webhook-address.ts';
import { editor, everybody } from '../../unit/control/fixtures/people.ts';
import { createFileStorage } from './file-storage.ts';
import { createInstantPublisher } from './instant-publisher.ts';
import { ENVIRONMENT, type Marketplace } from './marketplace.ts';

/** Nanoseconds of one change. */
export interface Times {
  /** From the order to its answer. */
  readonly command: number;
  /** From the end of its transaction to the call of the publisher. */
  readonly call: number;
  /** From the publisher's answer until that is in the log. */
  readonly acknowledge: number;
  /** The command's own statements again, on a copy of the store. */
  readonly floor: number;
}

export interface Organisation {
  change(): Promise<Times>;
  entries(): number;
  /** How many entries of the payload are other objects since it was last asked. */
  replacedEntries(): number;
  /** NDJSON. */
  leaves(first: number, limit: number): readonly string[];
  close(): void;
}

const PORTS = {
  identities: {
    byDigest: async () => undefined,
    byId: async (id: string) => (id === everybody.id ? everybody : undefined),
    linked: async () => undefined,
  },
  tickets: { stateOf: async () => 'unknown' as const },
  trainings: { completedBy: async () => new Set<string>() },
};
const START = 1_795_420_800_000;

export async function openOrganisation(marketplace: Marketplace, flags: number): Promise<Organisation> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-control-'));
  let committed = 0;
  let called = 0;
  let behind: Promise<unknown> = Promise.resolve();
  let clock = START;
  let ids = 0;
  const storage = createFileStorage(join(folder, 'store.sqlite'), () => {
    if (committed === 0) committed = performance.now();
  });
  const copy = createFileStorage(join(folder, 'copy.sqlite'));
  const publisher = createInstantPublisher(() => {
    called = performance.now();
  });
  const store = createOrganisationStore(storage);
  const control = createControl({
    ...{ organisation: 'marketplace', store, publisher, ports: PORTS, origin: 'audit.example/bench', signers: [] },
    // There is no webhook that these would be asked for, and no note of another's.
    receivers: { send: async () => ({ kind: 'delivered', code: 204 }) },
    addressFault: webhookAddressFault,
    verifierOf: (key) => ed25519Verifier(crypto.subtle, key),
    sha256: async (bytes) => encodeBase64url(new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes))),
    wakeAt: async () => {},
    behind(work) {
      behind = work;
    },
    // A second for each command, as the log wants times that go on.
    now: () => clock,
    newId: () => `id-${++ids}`,
    random: () => 0.5,
  });
  const state = (): State => control.executing.held().state;
  const entriesIn = (of: State) => get(of.environments, ENVIRONMENT)?.payload.entries;

  async function carryOut(command: Command, actor: Actor): Promise<Times> {
    clock += 1_000;
    copy.run(storage.taken());
    committed = 0;
    const from = performance.now();
    const answer = await executeWithFacts(control.execute, PORTS, { command, actor, via: 'bench' });
    const answered = performance.now();
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const statements = storage.taken();
    publisher.answer();
    const acknowledging = performance.now();
    await behind;
    const done = performance.now();
    if (control.executing.held().parcels.size > 0) throw new Error('not acknowledged');
    const end = statements.findIndex(([query]) => query === 'COMMIT') + 1;
    const replaying = performance.now();
    copy.run(statements.slice(0, end));
    const floor = performance.now() - replaying;
    copy.run(statements.slice(end));
    const ns = (ms: number): number => ms * 1e6;
    return {
      command: ns(answered - from),
      call: ns(called - committed),
      acknowledge: ns(done - acknowledging),
      floor: ns(floor),
    };
  }

  await carryOut(
    {
      type: 'found',
      operations: [
        ...defaultPolicyOperations(),
        operation.parse({ op: 'put', kind: 'environment', key: ENVIRONMENT, base: 0, body: { name: 'Production' } }),
        ...marketplace.puts(flags),
      ],
      justification: 'To begin with.',
    },
    everybody,
  );
  let count = 0;
  let seen = state();

  return {
    async change() {
      const [flag, round] = [count % flags, 1 + Math.floor(count / flags)];
      count += 1;
      return carryOut({ type: 'submit', change: marketplace.change(flag, round) }, editor);
    },
    entries: () => control.executing.held().end.size,
    replacedEntries() {
      const [before, after] = [entriesIn(seen), entriesIn(state())];
      seen = state();
      return before === undefined || after === undefined ? 0 : [...changesBetween(before, after)].length;
    },
    leaves: (first, limit) => [...store.log.leaves(first, limit)].map(({ text }) => text),
    close() {
      storage.close();
      copy.close();
      rmSync(folder, { recursive: true });
    },
  };
}
