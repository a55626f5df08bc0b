/** Takes the log of another organisation over: after the loss of the one that wrote it. */
import * as z from 'zod';
import { mayRestore } from '#control/decide-finish-restore';
import { restoredKeys } from '#schema/control-command';
import { justification } from '#schema/control-names';
import { refused } from '#schema/result';
import { giveCommand } from '../give-command.ts';
import { MAX_LOG_PAGE } from '../read-request.ts';
import { wholeRefusal } from '../readable.ts';
import { answered, defineRoute, type Route } from '../route.ts';
import { done } from '../shapes.ts';

const ADMINISTER = { action: 'administer', over: 'organisation', roles: ['admin'] } as const;

const add = defineRoute({
  ...{ method: 'post', path: '/v1/organisation/restore', id: 'restoreLog', tag: 'organisation', effect: 'write' },
  summary: 'Take a page of an exported log over',
  description:
    'For an organisation that has nothing yet, in a control plane whose logs are named otherwise (docs/audit.md): whole lines of an export, from its first on, in any portions. Each entry must be made upon the one before it, and each checkpoint must be signed by a key of this control plane and cover what is here. A page is taken whole or not at all; entries that are there already are passed over. Until `finish`, nothing else is taken.',
  access: ADMINISTER,
  body: {
    schema: z.string(),
    example: '',
    media: 'application/x-ndjson',
    maxBytes: MAX_LOG_PAGE,
  },
  answers: {
    200: {
      description: 'It is there.',
      schema: z.object({
        entries: z.int().describe('How many there are by now.'),
        proven: z.int().describe('How many of them a checkpoint covers.'),
      }),
    },
  },
  async handle({ control }, { principal, body }) {
    const refusal = wholeRefusal(principal, null, 'administer') ?? mayRestore(principal);
    if (refusal !== undefined) return refused(refusal);
    const added = await control.restoring.add(body);
    return added.ok ? answered(added.value) : added;
  },
});

const finish = defineRoute({
  ...{ method: 'post', path: '/v1/organisation/restore/finish', id: 'finishRestore', tag: 'organisation' },
  effect: 'write',
  summary: 'Go on behind the log that was taken over',
  description:
    'The first entry of its own. What publishers have done that the log does not know is taken over from their journals behind it.',
  access: ADMINISTER,
  body: {
    schema: z.strictObject({
      entries: z.int().min(1).describe('As the last page was answered: so many it must be.'),
      proven: z.int().min(0).describe('As the last page was answered; entries behind these nobody has signed.'),
      keys: restoredKeys.keys.describe(
        'What becomes of SDK keys and service tokens: those that were revoked behind the log’s end are among them.',
      ),
      except: restoredKeys.except.describe('With these the opposite is done.'),
      justification,
    }),
    example: { entries: 1, proven: 1, keys: 'keep', justification: 'The first home is lost.' },
  },
  answers: { 200: { description: 'It goes on.', schema: done } },
  handle(api, call) {
    const refusal = wholeRefusal(call.principal, null, 'administer');
    if (refusal !== undefined) return refused(refusal);
    return giveCommand(api, call, { type: 'finish-restore', ...call.body });
  },
});

const abandon = defineRoute({
  ...{ method: 'post', path: '/v1/organisation/restore/abandon', id: 'abandonRestore', tag: 'organisation' },
  effect: 'write',
  summary: 'Give up taking a log over',
  description:
    'Before `finish` alone, when it was the wrong log: there is nothing again, and no entry of it, for there is no log that could have one.',
  access: ADMINISTER,
  body: {
    schema: z.strictObject({ entries: z.int().min(1).describe('As the last page was answered: so many it must be.') }),
    example: { entries: 1 },
  },
  answers: { 200: { description: 'They are gone.', schema: z.object({ entries: z.int() }) } },
  handle({ control }, { principal, body }) {
    const refusal = wholeRefusal(principal, null, 'administer') ?? mayRestore(principal);
    if (refusal !== undefined) return refused(refusal);
    const done = control.restoring.abandon(body.entries);
    return done.ok ? answered(done.value) : done;
  },
});

export const restoreRoutes: readonly Route[] = [add, finish, abandon];
