/**
 * An organisation: one Durable Object, because its log has one order. What it does is in `control.ts`; here are its storage, its alarm
 * and its methods.
 */
import { DurableObject } from 'cloudflare:workers';
import { ed25519Signer, ed25519Verifier } from '#control/audit/ed25519';
import { formatNoteKey } from '#control/audit/note-key';
import { encodeBase64url } from '#core/base64url';
import type { Bindings } from '#http/settings';
import { withDeadline } from '#http/with-deadline';
import type { Principal } from '#schema/control-principal';
import { type Result, refused } from '#schema/result';
import { type Control, createControl, type Status } from './control.ts';
import { createDirectory } from './directory.ts';
import { createApp } from './http/create-app.ts';
import { routes } from './http/routes.ts';
import { createKeyUseOverHttp } from './key-use-over-http.ts';
import type { LogPage, LogRefusal } from './log-export.ts';
import type { Answer, Order, OrderRefusal } from './order.ts';
import { createOrganisationStore } from './organisation-store.ts';
import { createPublishersOverHttp } from './publisher-over-http.ts';
import { readControlSettings } from './settings.ts';
import { webhookAddressFault } from './webhook-address.ts';
import { createWebhooksOverHttp } from './webhook-over-http.ts';
import { createWebhookSigner } from './webhook-signature.ts';

/** When the alarm looks again whose work did not come to its end. */
const RETRY_MS = 10_000;
/** How long an alarm waits for what it began; what takes longer goes on behind. */
const PATIENCE_MS = 1_000;

export class Organisation extends DurableObject<Env> {
  readonly #control: Control;
  readonly #app: (request: Request) => Promise<Response>;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { storage, id } = context;
    if (id.name === undefined) throw new Error('an organisation is found by its name');
    const settings = readControlSettings(env as unknown as Bindings);
    const origin = `${settings.auditOrigin}/${id.name}`;
    const signers = settings.checkpointKeys.map((jwk) => ed25519Signer(crypto.subtle, origin, jwk));
    const newId = (): string => crypto.randomUUID();
    const ports = createDirectory(settings.directories.get(id.name));
    const webhookSigner = createWebhookSigner(crypto.subtle, settings.webhookKeys);
    const addressFault = settings.webhooksAllowPrivate ? () => undefined : webhookAddressFault;
    this.#control = createControl({
      organisation: id.name,
      store: createOrganisationStore(storage),
      publisher: createPublishersOverHttp({ addresses: settings.publishers, fetch: (request) => fetch(request) }),
      receivers: createWebhooksOverHttp({
        ...{ fetch: webhookFetch(env), signer: webhookSigner, addressFault, now: Date.now },
      }),
      ...{ ports, addressFault, origin, signers, newId },
      verifierOf: (key) => ed25519Verifier(crypto.subtle, key),
      sha256: async (bytes) => encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))),
      wakeAt: (time) => (time === undefined ? storage.deleteAlarm() : storage.setAlarm(time)),
      behind: (work) => context.waitUntil(work.catch(told)),
      now: Date.now,
      random: Math.random,
    });
    this.#app = createApp(
      {
        ...{ organisation: id.name, control: this.#control, ports, now: Date.now, newId },
        keyUse: createKeyUseOverHttp({
          addresses: settings.ingests,
          fetch: (request) => fetch(request),
          now: Date.now,
        }),
        webhookKeys: webhookSigner.publicKeys,
        noteKeys: signers.map(({ key }) => formatNoteKey(key)),
        randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      },
      routes,
    );
    // Whatever became of the last alarm, an organisation that is awake is called again.
    context.blockConcurrencyWhile(async () => {
      const dueAt = this.#control.dueAt() ?? 1 / 0;
      // Whoever was ended in the midst of something has set it for later than that is due.
      const alarm = (await storage.getAlarm()) ?? 1 / 0;
      if (dueAt < alarm) await storage.setAlarm(dueAt);
    });
  }

  override fetch(request: Request): Promise<Response> {
    return this.#app(request);
  }

  /** For whoever a port vouches for. What the control plane orders itself comes from within. */
  async execute(order: Order<Principal>): Promise<Result<Answer, OrderRefusal>> {
    const kind: string = order.actor.kind;
    return kind === 'system' ? refused({ code: 'principals-only' }) : this.#control.execute(order);
  }

  async status(): Promise<Status> {
    return this.#control.status();
  }

  async log(after: number, limit: number): Promise<Result<LogPage, LogRefusal>> {
    return this.#control.page(after, limit);
  }

  async inclusion(seq: number, size: number): Promise<Result<readonly string[], LogRefusal>> {
    return this.#control.inclusion(seq, size);
  }

  async consistency(from: number, size: number): Promise<Result<readonly string[], LogRefusal>> {
    return this.#control.consistency(from, size);
  }

  /**
   * The platform gives an alarm up that fails some times: this one never fails, and has the next one set before it begins. That one
   * would wait for an alarm that waits: though a publisher hangs, it comes in its time.
   */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    const tended = this.#control.tend().catch(told);
    this.ctx.waitUntil(tended);
    await withDeadline(PATIENCE_MS, () => tended);
  }
}

/** Through a service that reaches no address of one's own network, where there is one (docs/webhooks.md). */
function webhookFetch(env: object): (request: Request) => Promise<Response> {
  const out = (env as { readonly WEBHOOK_OUT?: Fetcher }).WEBHOOK_OUT;
  return (request) => (out ?? globalThis).fetch(request);
}

const told = (error: unknown): void =>
  console.error(`organisation: ${error instanceof Error ? error.message : String(error)}`);
