/** What an organisation's set is made of, and what an environment's has in common with it. */
import * as z from 'zod';
import { SECTIONS } from '#control/item';
import { type Authored, authored } from '#schema/authored';
import { MAX_ENVIRONMENTS, MAX_POLICIES, MAX_PROJECTS, MAX_WEBHOOKS } from '#schema/control-limits';
import { name } from '#schema/control-names';
import { environment, people, project } from '#schema/control-operation';
import { policy } from '#schema/control-policy';
import { type RangesOfSet, rangesOfSet } from '#schema/control-ranges';
import { webhook, webhookKey } from '#schema/control-webhook';
import { flagKey } from '#schema/entry';

export const peopleSet = z.strictObject({
  flags: z.record(flagKey, people).exactOptional(),
  segments: z.record(name, people).exactOptional(),
  layers: z.record(name, people).exactOptional(),
  holdouts: z.record(name, people).exactOptional(),
});

export const prune = z.boolean().default(false).describe('Whether what is not in it is archived.');

const byKey = <V extends z.ZodType>(value: V, most: number, key = name) =>
  z.record(key, value).refine((all) => Object.keys(all).length <= most, `must be ${most} at most`);

const environmentSet = z
  .strictObject({
    body: environment,
    authored,
    archived: authored.exactOptional().describe('What is in the archive. Without it, nothing is said of that.'),
    people: peopleSet.exactOptional(),
    ranges: rangesOfSet
      .exactOptional()
      .describe('The buckets that splits and slices have come to. What it does not name keeps, or gets, its own.'),
  })
  .superRefine(({ authored: live, archived, ranges }, context) => {
    for (const path of inBoth(live, archived)) context.addIssue({ code: 'custom', path, message: IN_BOTH });
    for (const path of nowhere(live, ranges)) context.addIssue({ code: 'custom', path, message: NOWHERE });
  });

const IN_BOTH = 'must not be both in authored and in archived';

const inBoth = (live: Authored, archived: Authored | undefined): string[][] =>
  archived === undefined
    ? []
    : Object.values(SECTIONS).flatMap((section) =>
        Object.keys(archived[section])
          .filter((key) => Object.hasOwn(live[section], key))
          .map((key) => ['archived', section, key]),
      );

const NOWHERE = 'must be in authored';

const nowhere = (live: Authored, ranges: RangesOfSet = {}): string[][] =>
  (['flags', 'layers'] as const).flatMap((section) =>
    Object.keys(ranges[section] ?? {})
      .filter((key) => !Object.hasOwn(live[section], key))
      .map((key) => ['ranges', section, key]),
  );

export const organisationSet = {
  projects: byKey(project, MAX_PROJECTS).default({}),
  policies: byKey(policy, MAX_POLICIES).default({}),
  environments: byKey(environmentSet, MAX_ENVIRONMENTS).default({}),
  webhooks: byKey(webhook, MAX_WEBHOOKS, webhookKey).default({}),
};
