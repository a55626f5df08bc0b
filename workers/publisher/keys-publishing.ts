/**
 * The keys document in force: SDK keys as the control plane sends them, and beside them the keys that readers are to trust. Signed,
 * written down, and only then delivered, as rulesets are; versions are its own.
 */
import type { RulesetTarget } from '#edgekv/ruleset-target';
import { keysEnvironment } from '#ruleset/keys-environment';
import type { RulesetCrypto } from '#ruleset/verify';
import type { PublicJwk } from '#ruleset/web-crypto';
import { digestOfText } from '#ruleset/write/digest';
import { withoutSigningKeys, withSigningKeys } from '#ruleset/write/key-line';
import { type SigningKey, signRuleset } from '#ruleset/write/sign';
import { SIGNING_PREFIX } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import { rfc3339, type TargetAnswer } from './answers.ts';
import { checkKeys } from './check-keys.ts';
import { createDeliveries } from './deliveries.ts';
import { createDelivery, type DeliveryDeps } from './delivery.ts';
import { findRuleset } from './find-ruleset.ts';
import { type Issuer, LIFETIME_SECONDS, takenByReader } from './issuer.ts';
import { ITSELF } from './journal-store.ts';
import type { KeysEntry, KeysStore } from './keys-store.ts';
import type { InForce } from './press-store.ts';
import type { KeysRequest } from './read-request.ts';
import type { Refusal } from './refusal.ts';
import { createResigning } from './resigning.ts';
import { LOOK_INTERVAL_MS, WRITE_INTERVAL_MS } from './target-schedule.ts';
import { createTurns } from './turns.ts';

export interface KeysPublishingDeps extends Pick<DeliveryDeps, 'load' | 'save' | 'now' | 'random' | 'sleep'> {
  readonly environment: string;
  readonly signing: SigningKey;
  /** What readers are to trust, the public half of the signing key among them. */
  readonly publicKeys: readonly PublicJwk[];
  readonly crypto: RulesetCrypto;
  readonly store: KeysStore;
  readonly targets: readonly RulesetTarget[];
  /** Has `tend` called at that time at the latest, restarts or not. */
  readonly wakeAt: (time: number) => Promise<void>;
  /** Resolves once all that was stored would survive a crash. */
  readonly stored: () => Promise<void>;
}

export interface KeysAnswer {
  readonly version: number;
  /** False where the same keys were in force already. */
  readonly published: boolean;
  /** Of the lines of SDK keys. */
  readonly digest: string;
  readonly targets: readonly TargetAnswer[];
}

export interface KeysStatusAnswer {
  readonly environment: string;
  /** Null where there is no document. */
  readonly version: number | null;
  readonly digest: string | null;
  /** SDK keys. */
  readonly keys: number;
  readonly targets: readonly TargetAnswer[];
}

export interface KeysJournalAnswer {
  readonly entries: readonly (Omit<KeysEntry, 'time'> & { readonly time: string })[];
  /** For `after`, where there may be more. */
  readonly next?: number;
}

export interface KeysPublishing {
  putKeys(request: KeysRequest, actor: string): Promise<Result<KeysAnswer, Refusal>>;
  keys(): KeysStatusAnswer;
  keysJournal(after: number, limit: number): KeysJournalAnswer;
  /** Signs again what is half through its time, or names other keys to trust, and sees to the targets. */
  tend(): Promise<void>;
  /** When to tend next (milliseconds since 1970); undefined where nothing is in force. */
  dueAt(): number | undefined;
}

export function createKeysPublishing(deps: KeysPublishingDeps): KeysPublishing {
  const { environment, signing, publicKeys, crypto, store, targets, wakeAt, stored, now, sleep } = deps;
  const { inForce } = store;
  const env = keysEnvironment(environment);
  const each = targets.map((target) =>
    createDelivery({ ...deps, target, inForce, editionOf: async (edition) => ok(edition) }),
  );
  const deliveries = createDeliveries(each, sleep);
  const turns = createTurns();

  async function put(text: string, entry: Parameters<KeysStore['put']>[1]): Promise<void> {
    store.put(text, entry);
    await wakeAt(now() + WRITE_INTERVAL_MS);
  }

  const issue: Issuer['issue'] = async (lines, claims, before) => {
    const iat = Math.floor(now() / 1_000);
    const text = await signRuleset(lines, { env, ...claims, iat, exp: iat + LIFETIME_SECONDS }, signing);
    const message = await objection(text, before);
    return message === undefined ? ok(text) : refused({ code: 'refused-by-canary', message });
  };

  /** What a reader that has in force what is in force has against it. */
  async function objection(text: string, before: string | undefined): Promise<string | undefined> {
    const taken = await takenByReader(text, { environment: env, crypto, now }, before);
    if (!taken.ok) return taken.error;
    // Whoever takes it trusts from then on only the keys that it names.
    const own = taken.value.reader.line(`${SIGNING_PREFIX}${signing.kid}`);
    return own === undefined ? 'it withdraws its own key' : undefined;
  }

  const resigning = createResigning({ kid: signing.kid, issuer: { issue }, store, put, now });

  async function adopt(): Promise<Result<InForce | undefined, Refusal>> {
    const known = inForce();
    if (known !== undefined) return ok(known);
    const found = await findRuleset(targets, env, crypto, () => undefined);
    if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
    const { header, reader } = found.value;
    await put(`${header}\n${reader.lines}`, { time: now(), kind: 'adopt', actor: ITSELF });
    return ok(inForce());
  }

  async function replace(lines: string, force: InForce | undefined, actor: string): Promise<Result<boolean, Refusal>> {
    const document = withSigningKeys(lines, publicKeys);
    if (force?.lines === document) return ok(false);
    const issued = await issue(document, { version: (force?.version ?? 0) + 1 }, force?.text);
    if (!issued.ok) return issued;
    await put(issued.value, { time: now(), kind: 'publish', actor });
    return ok(true);
  }

  async function deliver(): Promise<readonly TargetAnswer[]> {
    await stored();
    await deliveries.run();
    const due = dueAt();
    if (due !== undefined) await wakeAt(due);
    return targetAnswers();
  }

  const targetAnswers = (): readonly TargetAnswer[] => deliveries.answers(inForce()?.id ?? 0);

  /** Once an edition: the document may be long. */
  let looked: { readonly id: number; readonly isOther: boolean } | undefined;
  function trustsOthers({ id, lines }: InForce): boolean {
    if (looked?.id !== id) looked = { id, isOther: withSigningKeys(withoutSigningKeys(lines), publicKeys) !== lines };
    return looked.isOther;
  }

  let notBefore = 0;
  function dueAt(): number | undefined {
    const force = inForce();
    if (force === undefined) return undefined;
    const anewAt = trustsOthers(force) ? Math.max(notBefore, now()) : resigning.dueAt(force);
    return Math.min(anewAt, deliveries.dueAt());
  }

  return {
    async putKeys({ base, lines }, actor) {
      const done = await turns.take(async () => {
        const checked = checkKeys(lines);
        if (!checked.ok) return checked;
        const adopted = await adopt();
        if (!adopted.ok) return adopted;
        const force = adopted.value;
        const inForceNow = force?.version ?? 0;
        const isSame = force !== undefined && withoutSigningKeys(force.lines) === lines;
        // Asked again after an answer that was lost: whatever the base, there is nothing left to do.
        if (!isSame && base !== undefined && base !== inForceNow) {
          return refused<Refusal>({ code: 'wrong-base', base, inForce: inForceNow });
        }
        const published = await replace(lines, force, actor);
        if (!published.ok) return published;
        const { version } = inForce() as InForce;
        return ok({ version, published: published.value, digest: digestOfText(lines) });
      });
      return done.ok ? ok({ ...done.value, targets: await deliver() }) : done;
    },
    keys() {
      const force = inForce();
      const sdkKeys = withoutSigningKeys(force?.lines ?? '');
      return {
        environment,
        version: force?.version ?? null,
        digest: force === undefined ? null : digestOfText(sdkKeys),
        keys: sdkKeys.split('\n').length - 1,
        targets: targetAnswers(),
      };
    },
    keysJournal(after, limit) {
      const entries = store.list(after, limit).map(({ time, ...entry }) => ({ ...entry, time: rfc3339(time) }));
      const last = entries.at(-1);
      return { entries, ...(entries.length === limit && last && { next: last.id }) };
    },
    async tend() {
      try {
        await turns.take(async () => {
          const force = inForce();
          if (force === undefined || !trustsOthers(force)) return resigning.run();
          if (now() < notBefore) return;
          notBefore = now() + LOOK_INTERVAL_MS;
          const done = await replace(withoutSigningKeys(force.lines), force, ITSELF);
          if (!done.ok) throw new Error(`naming other keys to trust: ${JSON.stringify(done.error)}`);
          notBefore = 0;
        });
      } finally {
        await deliver();
      }
    },
    dueAt,
  };
}
