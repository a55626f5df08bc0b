/** B54: the control plane and its publisher are killed in the middle of commands, again and again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ed25519Verifier } from '#control/audit/ed25519';
import { noteKey } from '#control/audit/note-key';
import { verifyExport } from '#control/audit/verify-export';
import type { Event } from '#control/event';
import { decodeBase64url } from '#core/base64url';
import type { Principal } from '#schema/control-principal';
import { createRandom } from '../oracle/random.ts';
import { admin, editor, otherPricing, pricing } from '../unit/control/fixtures/people.ts';
import { rampFlag } from '../unit/fixtures/authored.ts';
import { CHECKPOINT_KEY } from '../workers/fixtures/checkpoint-key.ts';
import { entriesOf, foldedLines, type LoggedEntry } from './fixtures/folded-log.ts';
import {
  AUDIT_ORIGIN,
  createKillableControl,
  type KillableControl,
  ORGANISATION,
} from './fixtures/killable-control.ts';
import { until } from './fixtures/poll.ts';

const KILLS = 12;
/** A command takes a few milliseconds, with its publish some ten: between the first step and the last of it, it ends at any. */
const LIFE_MS = 120;
const PATIENCE_MS = 120_000;
/** Who goes on giving commands until the last kill: two for a flag of their own each, and two that take turns in approving. */
const LANES = 4;

let control: KillableControl;
/** Requests so far. */
let answered = 0;

beforeAll(async () => {
  control = await createKillableControl([admin, editor, pricing, otherPricing]);
  await control.start();
});
afterAll(() => control.stop());

const FLAGS = '/v1/environments/production/flags';

interface Given {
  /** What its entry is known by: the reason of a change, the request that is approved. */
  readonly mark: string;
  readonly seq: number | undefined;
  readonly request: { readonly id: string; readonly hash: string } | undefined;
}

const markOf = ({ action, justification = '', request = '' }: LoggedEntry): string | undefined => {
  if (action.startsWith('change.approve')) return request;
  return action.startsWith('publish.') ? undefined : justification;
};

/** Asks until there is an answer, always with the same key: whoever hears nothing does not know whether it was done. */
async function give(as: Principal, what: string, key: string, headers: Readonly<Record<string, string>>, body: object) {
  const justification = `${key}.`;
  const all = {
    body: { ...body, justification },
    headers: { ...headers, 'idempotency-key': key.replaceAll(' ', '-') },
  };
  const [status, json] = await until(
    `${key} is answered`,
    async () => {
      const answer = await control.ask(as, what, all).catch(() => undefined);
      const text = await answer?.text().catch(() => undefined);
      // What is in the midst of ending may answer that it cannot.
      if (answer === undefined || text === undefined || answer.status >= 500) return undefined;
      answered++;
      return [answer.status, JSON.parse(text)] as const;
    },
    PATIENCE_MS,
  );
  expect([key, status, json]).toEqual([key, expect.toBeOneOf([200, 202]), expect.anything()]);
  return { mark: justification, seq: json.seq, request: json.request } satisfies Given;
}

/** Another share each time: what goes back to what was served needs nobody's word. */
const flagOf = (round: number) => rampFlag(round + 1);

/** Puts a flag again and again; each is one entry, and raises its revision by one. */
async function puts(lane: number, goesOn: () => boolean): Promise<Given[]> {
  const given: Given[] = [];
  for (let round = 0; goesOn(); round++) {
    const base = round === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${round}"` };
    const body = { body: { ...flagOf(round), salt: `salt-${lane}` } };
    given.push(await give(editor, `PUT ${FLAGS}/lane.flag${lane}`, `lane ${lane}, put ${round}`, base, body));
  }
  return given;
}

/** Two commands each time: somebody asks for a change, and somebody else approves it. */
async function approvals(lane: number, goesOn: () => boolean): Promise<Given[]> {
  const given: Given[] = [];
  for (let round = 0; goesOn(); round++) {
    const base = round === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${round}"` };
    const body = { body: { ...flagOf(round), salt: `salt-${lane}` } };
    const opened = await give(pricing, `PUT ${FLAGS}/pricing.flag${lane}`, `lane ${lane}, ask ${round}`, base, body);
    given.push(opened);
    const { id, hash } = opened.request ?? { id: '', hash: '' };
    const approve = `POST /v1/change-requests/${id}/approve`;
    const approved = await give(
      otherPricing,
      approve,
      `lane ${lane}, approve ${round}`,
      { 'if-match': `"${hash}"` },
      {},
    );
    given.push({ ...approved, mark: id });
  }
  return given;
}

async function exported(): Promise<string> {
  let text = '';
  for (let after = '0'; ; ) {
    const page = await control.ask(admin, `GET /v1/log?after=${after}`);
    text += await page.text();
    if (page.headers.get('lockstep-more') !== 'true') return text;
    after = page.headers.get('lockstep-next') ?? '';
  }
}

it('B54: no effect is without an entry, and no entry half applied, wherever both are killed', async () => {
  const operations = [{ op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } }];
  const begun = await give(admin, 'POST /v1/organisation', 'founding', {}, { operations });
  const random = createRandom(20_261_130);
  let killed = 0;
  const goesOn = (): boolean => killed < KILLS;
  const lanes = Array.from({ length: LANES }, (_, lane) => (lane % 2 === 0 ? puts : approvals)(lane, goesOn));
  while (goesOn()) {
    // A third of the time it does not live long enough to answer anything.
    const before = answered;
    if (killed % 3 !== 2) await until('something is answered', () => answered > before, PATIENCE_MS);
    await new Promise((resolve) => setTimeout(resolve, random.int(LIFE_MS)));
    await control.kill();
    killed++;
    await control.start();
  }
  const given = [begun, ...(await Promise.all(lanes)).flat()];
  expect(given.length).toBeGreaterThan(KILLS);

  let standing: unknown;
  const inForce = await until(
    'everything is published and signed',
    async () => {
      const status = await (await control.ask(admin, 'GET /v1/status')).json();
      const { entries, signed, environments } = status;
      const [{ waiting, version }] = environments;
      standing = status;
      return entries === signed && waiting === undefined ? version : undefined;
    },
    PATIENCE_MS,
  ).catch((error: unknown) => {
    throw new Error(`it stands like this: ${JSON.stringify(standing)}`, { cause: error });
  });
  const text = await exported();
  const entries = entriesOf(text);

  const key = noteKey(`${AUDIT_ORIGIN}/${ORGANISATION}`, decodeBase64url(CHECKPOINT_KEY.x) ?? new Uint8Array());
  const report = await verifyExport([new TextEncoder().encode(text)], {
    verifiers: [ed25519Verifier(crypto.subtle, key)],
  });
  expect(report).toMatchObject({ ok: true, entries: entries.length, proven: entries.length, faults: [] });

  // Each command once, at the place that its answer named, however often it was given.
  const marks = entries.map(markOf);
  for (const { mark, seq } of given) {
    const places = marks.flatMap((one, at) => (one === mark ? [at] : []));
    expect([mark, places]).toEqual([mark, [seq]]);
  }
  expect(marks.filter((mark) => mark !== undefined).length).toBe(given.length);

  // What the entries come to is what is read, whole.
  const items = (await (await control.ask(admin, `GET ${FLAGS}?limit=500`)).json()).items as {
    key: string;
    revision: number;
  }[];
  const events = entries.flatMap((entry) => entry.events);
  for (const { key: flag, revision } of items) {
    const puts = events.filter((event: Event) => event.type === 'item-put' && event.key === flag);
    expect([flag, revision]).toEqual([flag, puts.length]);
  }

  // What the publisher did is in the log, each version of it, and what is in force is what the log folds to.
  const { entries: journal } = await (await control.publisher('/v1/journal')).json();
  const versions = (journal as { version: number }[]).map(({ version }) => version);
  expect(versions).toEqual(versions.map((_, at) => at + 1));
  expect(versions.at(-1)).toBe(inForce);
  expect(await (await control.publisher('/v1/ruleset/lines')).text()).toBe(foldedLines(text, 'production'));
}, 600_000);
