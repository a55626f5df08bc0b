/** `relay-config.yaml`: what a relay is told that is no secret. Whatever is not of its shape is refused at its line, all of it at once. */
import * as z from 'zod';
import {
  type LocatedIssue,
  located,
  parseYaml,
  shapeIssue,
  type YamlDocument,
  type YamlFile,
} from '#ruleset/write/yaml-file';
import { flagKey, name } from '#schema/entry';
import { PLACE_PATTERN } from '#schema/exposure-limits';
import { MAX_NAME } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';

const place = z.string().min(1).max(MAX_NAME).regex(PLACE_PATTERN, 'must be printable ASCII');

const relayConfig = z.strictObject({
  relay: z.strictObject({
    streamUri: z.string().refine(isHomeUri, 'must be an origin, as https://stream.flags.internal'),
    cache: z.strictObject({
      /** Whether rulesets are kept on disk. */
      persist: z.boolean(),
      /** Whether what is held is served once home was silent for too long; flags serve their defaults otherwise. */
      staleIfError: z.boolean(),
    }),
    region: place,
    cloud: place,
  }),
  /** The variation that a flag serves where there is no ruleset. */
  flagDefaults: z.record(flagKey, name).default({}),
});

export type RelayConfig = z.infer<typeof relayConfig>;

const MAX_FILE = 2 * 1024 * 1024;

export function readRelayConfig(file: YamlFile): Result<RelayConfig, readonly LocatedIssue[]> {
  const parsed = parseYaml(file, MAX_FILE);
  if (!parsed.ok) return parsed;
  const root: unknown = parsed.value.document.toJS();
  const checked = relayConfig.safeParse(root);
  if (checked.success) return ok(checked.data);
  return refused(checked.error.issues.flatMap((issue) => issuesAt(parsed.value, issue, root)));
}

/** Keys that nobody knows are issues of their own, each at its line: to zod they are one of what they stand in. */
function issuesAt(document: YamlDocument, issue: z.core.$ZodIssue, root: unknown): LocatedIssue[] {
  if (issue.code !== 'unrecognized_keys') return [located(document, shapeIssue(issue, root))];
  const known = issue.path.length === 0 ? 'relay and flagDefaults' : KNOWN[issue.path.join('.')];
  return issue.keys.map((key) => {
    const path = [...issue.path.map(String), key];
    return located(document, { path, message: `is no key of relay-config.yaml; there are ${known} here` });
  });
}

const KNOWN: Readonly<Record<string, string>> = {
  relay: 'streamUri, cache, region and cloud',
  'relay.cache': 'persist and staleIfError',
};

/** Paths are the protocol's; a key never stands in an address. */
function isHomeUri(text: string): boolean {
  const uri = URL.canParse(text) ? new URL(text) : undefined;
  return uri !== undefined && /^https?:$/.test(uri.protocol) && `${uri.origin}/` === uri.href;
}
