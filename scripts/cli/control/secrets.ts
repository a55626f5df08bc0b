/** SDK keys and service tokens. A secret is in one answer, once: it goes to the terminal or into a file that only its owner reads. */
import { open, rm } from 'node:fs/promises';
import { CommandError } from '../command-error.ts';
import { type ControlClient, type ControlRequest, pathOf } from '../control-client.ts';
import type { WriteAnswer } from './answers.ts';
import { mustConfirm } from './confirm.ts';
import { list } from './listing.ts';
import {
  type ControlOptions,
  type DestructiveOptions,
  type EnvironmentOptions,
  environmentOf,
  type ListOptions,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { outcomeText } from './outcome-text.ts';
import { print, safeTable } from './print.ts';
import { safeYaml } from './safe-yaml.ts';
import { SECRET_HEADS, SECRET_ROWS, type SecretAnswer } from './secret-rows.ts';
import { submit, tellFrozen } from './submit.ts';
import { withControl } from './with-control.ts';

export const SECRETS = { key: 'sdk-keys', token: 'service-tokens' } as const;
export type SecretKind = keyof typeof SECRETS;

export const listSecrets = (
  kind: SecretKind,
  options: ListOptions & EnvironmentOptions & { readonly q?: string },
): Promise<number> =>
  withControl(options, (control) => {
    const { q, environment } = options;
    return list<SecretAnswer>(control, { path: pathOf(SECRETS[kind]), query: { q, environment } }, options, {
      ...{ head: SECRET_HEADS[kind], row: SECRET_ROWS[kind], none: `no ${kind} is like that` },
    });
  });

export const showSecret = (kind: SecretKind, key: string, options: ControlOptions): Promise<number> =>
  withControl(options, async (control) => {
    const found = await control.must<SecretAnswer>({ path: pathOf(SECRETS[kind], key) });
    print(options.json, found, () => safeYaml(found).trimEnd());
    return 0;
  });

export interface SecretFileOptions {
  /** Where the secret goes, instead of to the terminal. */
  readonly secretFile?: string;
}

export type CreateKeyOptions = WriteOptions &
  EnvironmentOptions &
  SecretFileOptions & {
    readonly kind: string;
    readonly service: string;
    readonly namespace?: readonly string[];
    readonly description?: string;
    readonly expires?: string;
  };

export const createKey = (key: string, options: CreateKeyOptions): Promise<number> =>
  withControl(options, (control) => {
    const { kind, service, namespace, description, expires: expiresAt } = options;
    const body = {
      ...{ key, kind, service, environment: environmentOf(options, control) },
      ...(namespace !== undefined && { namespaces: namespace }),
      ...(description !== undefined && { description }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...reasonsOf(options),
    };
    return makeSecret(control, { method: 'POST', path: pathOf(SECRETS.key), body }, options);
  });

export type CreateTokenOptions = WriteOptions &
  SecretFileOptions & {
    readonly owner: string;
    readonly role: readonly string[];
    readonly may: readonly string[];
    readonly in?: readonly string[];
    readonly namespace?: readonly string[];
    readonly description?: string;
    readonly expires?: string;
  };

const EVERYTHING = ['*'];

export const createToken = (key: string, options: CreateTokenOptions): Promise<number> =>
  withControl(options, (control) => {
    const { owner, role: roles, may: actions, in: environments = EVERYTHING, namespace = EVERYTHING } = options;
    const { description, expires: expiresAt } = options;
    const body = {
      ...{ key, owner, roles, scopes: { environments, namespaces: namespace, actions } },
      ...(description !== undefined && { description }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...reasonsOf(options),
    };
    return makeSecret(control, { method: 'POST', path: pathOf(SECRETS.token), body }, options);
  });

export const rotateSecret = (
  kind: SecretKind,
  key: string,
  options: WriteOptions &
    SecretFileOptions & { readonly overlap?: number; readonly lost?: true; readonly namespace?: readonly string[] },
): Promise<number> =>
  withControl(options, async (control) => {
    const path = pathOf(SECRETS[kind], key);
    const { revision } = await control.must<SecretAnswer>({ path });
    const { overlap: overlapMs = 0, namespace: namespaces } = options;
    const body = {
      overlapMs,
      ...(options.lost && { lost: true }),
      ...(namespaces !== undefined && { namespaces }),
      ...reasonsOf(options),
    };
    return makeSecret(control, { method: 'POST', path: `${path}/rotate`, seen: revision, body }, options);
  });

export const revokeSecret = (kind: SecretKind, key: string, options: WriteOptions & DestructiveOptions) =>
  withControl(options, async (control) => {
    const path = pathOf(SECRETS[kind], key);
    const { revision } = await control.must<SecretAnswer>({ path });
    if (!options.dryRun) await mustConfirm(`${kind} ${key} stops working for good.`, options.yes);
    return submit(control, { method: 'DELETE', path, seen: revision, body: reasonsOf(options) }, options);
  });

type SecretWritten = WriteAnswer & { readonly secret?: string };

/** 1 where it was done, but the answer with the secret was lost: nobody will ever know it. */
async function makeSecret(
  control: ControlClient,
  request: ControlRequest,
  options: WriteOptions & SecretFileOptions,
): Promise<number> {
  const { json, dryRun, idempotencyKey, secretFile } = options;
  if (dryRun) return submit(control, request, options);
  const { secret, ...answer } = await intoSecretFile(secretFile, () =>
    control.must<SecretWritten>({ ...request, ...(idempotencyKey && { idempotencyKey }) }),
  );
  const shown = secret === undefined || secretFile !== undefined ? answer : { ...answer, secret };
  print(json, shown, () => [outcomeText(answer), ...secretLines(secret, secretFile)].join('\n'));
  tellFrozen(answer);
  if (secret !== undefined) return 0;
  console.error(`the answer that had the secret was lost on its way: ${mendOf(answer)}`);
  return 1;
}

/** What is not applied yet has ended nothing, and would bring a secret that nobody knows. */
const mendOf = (answer: WriteAnswer): string =>
  'request' in answer
    ? `withdraw request ${answer.request.id}, and order it again`
    : 'rotate it with --lost to get another';

function secretLines(secret: string | undefined, file: string | undefined): string[] {
  if (secret === undefined) return [];
  if (file !== undefined) return [safeTable([['secret', `in ${file}`]])];
  return [safeTable([['secret', secret]]), 'it is shown this once'];
}

/** The file is there before the secret is, so that none is made which cannot be kept; and it never takes the place of another. */
async function intoSecretFile(path: string | undefined, make: () => Promise<SecretWritten>): Promise<SecretWritten> {
  if (path === undefined) return make();
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${path}: cannot be written (${error.code})`);
  });
  let isKept = false;
  try {
    const made = await make();
    if (made.secret === undefined) return made;
    await file.writeFile(`${made.secret}\n`);
    isKept = true;
    return made;
  } finally {
    await file.close();
    if (!isKept) await rm(path, { force: true });
  }
}
