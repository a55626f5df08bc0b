/** What the control plane is asked to do. The wire's requests become these; who asks comes beside them. */
import * as z from 'zod';
import {
  MAX_JOURNAL_ENTRIES,
  MAX_LABEL,
  MAX_OPERATIONS,
  MAX_OVERRIDE,
  MAX_SDK_KEYS,
  MAX_SERVICE_TOKENS,
} from './control-limits.ts';
import { digest, justification, label, name, time } from './control-names.ts';
import { operation } from './control-operation.ts';
import { MAX_ENTRIES, MAX_KEY, MAX_RULESET } from './limits.ts';

/** When an approved change takes effect: at once, when somebody says so, or not before a time. */
export const when = z.union([z.enum(['when-approved', 'by-hand']), z.strictObject({ at: time })]);

export const confirmation = z.enum(['size', 'emptied']);

/** `session` flags, each put by the change, whose new variations wait for nobody (ADR 0020). */
export const override = z.array(name).min(1).max(MAX_OVERRIDE);

export const change = z.strictObject({
  operations: z.array(operation).min(1).max(MAX_OPERATIONS),
  justification,
  apply: when.default('when-approved'),
  /** The change ticket, as its own system names it. */
  ticket: z.string().min(1).max(MAX_LABEL).exactOptional(),
  /** What the author says to be on purpose: the publisher asks for it where much changes at once. */
  confirm: z.array(confirmation).max(2).default([]),
  override: override.exactOptional(),
});

const request = label;
/** What the caller saw: see `hash` of a change request. */
const hash = digest;

/** An entry of the publisher's journal, as far as it matters here. */
export const journalEntry = z.object({
  id: z.int().min(1),
  kind: z.enum(['publish', 'return', 'resign', 'adopt', 'expand', 'override']),
  time,
  actor: z.string(),
  reason: z.string().exactOptional(),
  version: z.int().min(0),
});

const version = z.int().min(1);

/** What becomes of the keys and tokens of a log that was taken over: one that was revoked behind its end would be valid again. */
export const restoredKeys = {
  keys: z.enum(['keep', 'revoke']),
  /** With these the opposite is done. */
  except: z
    .array(z.strictObject({ kind: z.enum(['sdk-key', 'service-token']), key: name }))
    .max(MAX_SDK_KEYS + MAX_SERVICE_TOKENS)
    .default([]),
};

export const command = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('found'), operations: z.array(operation).max(MAX_OPERATIONS), justification }),
  z.strictObject({
    type: z.literal('finish-restore'),
    /** How many entries of another log there are. */
    entries: z.int().min(1),
    /** How many of them a checkpoint covers. */
    proven: z.int().min(0),
    ...restoredKeys,
    justification,
  }),
  z.strictObject({ type: z.literal('submit'), change }),
  z.strictObject({ type: z.literal('amend'), request, hash, change }),
  z.strictObject({ type: z.literal('schedule'), request, hash, apply: when }),
  z.strictObject({ type: z.literal('approve'), request, hash }),
  z.strictObject({ type: z.literal('decline'), request, reason: justification }),
  z.strictObject({ type: z.literal('withdraw'), request, reason: justification }),
  z.strictObject({ type: z.literal('apply'), request, hash }),
  /** By the control plane, whose receiver is gone for good, or fails for days. */
  z.strictObject({
    type: z.literal('disable-webhook'),
    webhook: name,
    revision: z.int().min(1),
    reason: justification,
  }),
  z.strictObject({
    type: z.literal('acknowledge'),
    environment: name,
    generation: z.int().min(0),
    version,
    digest,
    /** What the publisher stamped with that version: that may be more than the generation has changed (ADR 0020). */
    stamped: z.array(z.string().max(MAX_KEY)).max(MAX_ENTRIES).exactOptional(),
  }),
  z.strictObject({ type: z.literal('acknowledge-keys'), environment: name, version, digest }),
  z.strictObject({
    type: z.literal('import-journal'),
    environment: name,
    /** Those that are new, in order; the last one's version is the one in force. */
    entries: z.array(journalEntry).min(1).max(MAX_JOURNAL_ENTRIES),
    version,
    digest,
    lines: z.string().max(MAX_RULESET),
  }),
]);

export type When = z.output<typeof when>;
export type Confirmation = z.output<typeof confirmation>;
export type Change = z.output<typeof change>;
export type JournalEntry = z.output<typeof journalEntry>;
export type Command = z.output<typeof command>;
