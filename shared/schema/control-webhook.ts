/** Where others want to hear of what happened. What is sent is signed with the control plane's own key: a webhook has no secret. */
import * as z from 'zod';
import { ALL, MAX_DESCRIPTION, MAX_URL } from './control-limits.ts';
import { name, scope } from './control-names.ts';

export const WEBHOOK_EVENTS = [
  ...(['change.opened', 'change.amended', 'change.approved', 'change.held', 'change.voided'] as const),
  ...(['change.declined', 'change.withdrawn', 'change.applied'] as const),
  ...(['publish.requested', 'publish.acknowledged', 'return.imported'] as const),
] as const;

/** Names are resolved and addresses judged by whoever calls; here is what no address has: a user, a password, a fragment. */
const url = z
  .string()
  .max(MAX_URL)
  .regex(/^https?:\/\/[^\s/?#@\\]+(?:[/?][^\s#\\]*)?$/, 'is no URL of a receiver');

export const webhook = z.strictObject({
  url,
  events: z
    .array(z.union([z.literal(ALL), z.enum(WEBHOOK_EVENTS)]))
    .min(1)
    .max(WEBHOOK_EVENTS.length + 1),
  /** What happened elsewhere is left out. What is of the whole organisation is in no narrower scope than all. */
  environments: scope,
  description: z.string().max(MAX_DESCRIPTION).default(''),
  /** What happens while it is not is not sent later either. */
  enabled: z.boolean().default(true),
});

/** `keys` is the place of the keys to verify with. */
export const webhookKey = name.refine((key) => key !== 'keys', 'is the place of something else');

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];
export type Webhook = z.output<typeof webhook>;
