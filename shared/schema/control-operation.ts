/**
 * What a change is made of. There is no other way to change anything: import, copy, archive and rename are lists of these. Each
 * says on what revision it was made (`base`, 0 where it is new).
 */
import * as z from 'zod';
import { authoredFlag, authoredHoldout, authoredLayer, authoredSegment } from './authored.ts';
import { sdkKey, serviceToken } from './control-keys.ts';
import { MAX_DESCRIPTION, MAX_LABEL, MAX_OVERLAP_MS, MAX_TAGS } from './control-limits.ts';
import { base, digest, label, name, scope } from './control-names.ts';
import { policy } from './control-policy.ts';
import { flagRanges, layerRanges } from './control-ranges.ts';
import { webhook, webhookKey } from './control-webhook.ts';
import { flagKey } from './entry.ts';

/** What people say of an item among themselves. It never reaches a payload. */
export const people = z.strictObject({
  project: name.exactOptional(),
  owner: label.exactOptional(),
  tags: z.array(name).max(MAX_TAGS).default([]),
});

export const project = z.strictObject({
  name: z.string().min(1).max(MAX_LABEL),
  description: z.string().max(MAX_DESCRIPTION).default(''),
});

export const environment = z.strictObject({
  name: z.string().min(1).max(MAX_LABEL),
  description: z.string().max(MAX_DESCRIPTION).default(''),
});

const item = <K extends string, B extends z.ZodType, R extends z.ZodRawShape>(
  kind: K,
  key: z.ZodString,
  body: B,
  more: R,
) => {
  const at = { kind: z.literal(kind), environment: name, key, base };
  return {
    /** Without `people`, those stay as they are. With `archived` it is in the archive, wherever it was. */
    put: z.strictObject({
      op: z.literal('put'),
      ...at,
      body,
      people: people.exactOptional(),
      archived: z.literal(true).exactOptional(),
      ...more,
    }),
    archive: z.strictObject({ op: z.literal('archive'), ...at }),
    /** Without `body`, as it was when it was archived. */
    restore: z.strictObject({
      op: z.literal('restore'),
      ...at,
      body: body.exactOptional(),
      people: people.exactOptional(),
      ...more,
    }),
    delete: z.strictObject({ op: z.literal('delete'), ...at }),
  };
};

/** `ranges`: for splits and slices that are to have the very buckets that they have elsewhere. */
const flag = item('flag', flagKey, authoredFlag, { ranges: flagRanges.exactOptional() });
const segment = item('segment', name, authoredSegment, {});
const layer = item('layer', name, authoredLayer, { ranges: layerRanges.exactOptional() });
const holdout = item('holdout', name, authoredHoldout, {});

const record = <K extends string, B extends z.ZodType>(kind: K, body: B, key = name) => {
  const at = { kind: z.literal(kind), key, base };
  return {
    put: z.strictObject({ op: z.literal('put'), ...at, body }),
    delete: z.strictObject({ op: z.literal('delete'), ...at }),
  };
};

const projects = record('project', project);
const environments = record('environment', environment);
const policies = record('policy', policy);
const webhooks = record('webhook', webhook, webhookKey);

const secret = <K extends string, B extends z.ZodType, R extends z.ZodRawShape>(kind: K, body: B, more: R) => {
  const at = { kind: z.literal(kind), key: name, base };
  return {
    create: z.strictObject({ op: z.literal('create'), ...at, body }),
    /**
     * For `overlapMs` from when it is applied, the old secret is valid too. `lost`: of two, the newest never arrived, and this one takes
     * its place; the one before ends when it was to, whatever `overlapMs` says. Of one alone it says nothing.
     */
    rotate: z.strictObject({
      op: z.literal('rotate'),
      ...at,
      sha256: digest,
      overlapMs: z.int().min(0).max(MAX_OVERLAP_MS),
      lost: z.literal(true).exactOptional(),
      ...more,
    }),
    revoke: z.strictObject({ op: z.literal('revoke'), ...at }),
  };
};

/** `namespaces`: those of the new secret, where they are to be others; the old one keeps its own. */
const sdkKeys = secret('sdk-key', sdkKey, { namespaces: scope.exactOptional() });
const serviceTokens = secret('service-token', serviceToken, {});

export const itemOperation = z.discriminatedUnion('op', [
  z.discriminatedUnion('kind', [flag.put, segment.put, layer.put, holdout.put]),
  z.discriminatedUnion('kind', [flag.archive, segment.archive, layer.archive, holdout.archive]),
  z.discriminatedUnion('kind', [flag.restore, segment.restore, layer.restore, holdout.restore]),
  z.discriminatedUnion('kind', [flag.delete, segment.delete, layer.delete, holdout.delete]),
]);

export const operation = z.discriminatedUnion('op', [
  z.discriminatedUnion('kind', [
    flag.put,
    segment.put,
    layer.put,
    holdout.put,
    projects.put,
    environments.put,
    policies.put,
    webhooks.put,
  ]),
  z.discriminatedUnion('kind', [flag.archive, segment.archive, layer.archive, holdout.archive]),
  z.discriminatedUnion('kind', [flag.restore, segment.restore, layer.restore, holdout.restore]),
  z.discriminatedUnion('kind', [
    flag.delete,
    segment.delete,
    layer.delete,
    holdout.delete,
    projects.delete,
    environments.delete,
    policies.delete,
    webhooks.delete,
  ]),
  z.discriminatedUnion('kind', [sdkKeys.create, serviceTokens.create]),
  z.discriminatedUnion('kind', [sdkKeys.rotate, serviceTokens.rotate]),
  z.discriminatedUnion('kind', [sdkKeys.revoke, serviceTokens.revoke]),
]);

export type People = z.output<typeof people>;
export type ProjectBody = z.output<typeof project>;
export type EnvironmentBody = z.output<typeof environment>;
export type ItemOperation = z.output<typeof itemOperation>;
export type Operation = z.output<typeof operation>;
