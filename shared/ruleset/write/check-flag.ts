/** Whether the parts of one flag fit together, and with what else there is. */

import { canonicalJson } from '#ruleset/canonical-json';
import type { Authored, AuthoredFlag, AuthoredOutcome } from '#schema/authored';
import { MAX_VALUE, MAX_VARIATIONS } from '#schema/limits';
import { clauseIssues } from './check-clause.ts';
import { variationsOf } from './compile-entry.ts';
import { variationId } from './digest.ts';
import { type Issue, sumIssues, unknownName } from './issue.ts';

export function flagIssues(key: string, flag: AuthoredFlag, authored: Authored): Issue[] {
  const path = ['flags', key];
  const names = variationsOf(flag).map(([name]) => name);
  const variation = (at: readonly (string | number)[], name: string | undefined): readonly Issue[] =>
    name === undefined ? [] : unknownName([...path, ...at], 'variation', name, names);
  return [
    ...variationIssues(path, flag),
    ...variation(['off'], flag.off),
    ...variation(['offlineDefault'], flag.offlineDefault),
    ...targetIssues(path, flag, names),
    ...prerequisiteIssues(path, flag, authored),
    ...(flag.holdout === undefined
      ? []
      : unknownName([...path, 'holdout'], 'holdout', flag.holdout, Object.keys(authored.holdouts))),
    ...outcomeIssues([...path, 'fallthrough'], flag.fallthrough, names),
    ...ruleIssues(path, flag, names, authored),
  ];
}

function variationIssues(path: readonly string[], flag: AuthoredFlag): Issue[] {
  const at = [...path, 'variations'];
  const variations = variationsOf(flag);
  if (variations.length === 0)
    return [{ path: at, message: 'is missing: a flag that is not boolean declares its own' }];
  const issues: Issue[] = [];
  if (variations.length > MAX_VARIATIONS) {
    issues.push({ path: at, message: `are ${variations.length}, at most ${MAX_VARIATIONS}` });
  }
  const first = new Map<string, string>();
  for (const [name, value] of variations) {
    if (typeof value !== flag.type) {
      issues.push({ path: [...at, name], message: `is a ${typeof value}, the flag's type is ${flag.type}` });
    }
    if (canonicalJson(value).length > MAX_VALUE) {
      issues.push({ path: [...at, name], message: `is longer than ${MAX_VALUE} characters` });
    }
    const other = first.get(variationId(value));
    if (other !== undefined) issues.push({ path: [...at, name], message: `has the value of ${JSON.stringify(other)}` });
    first.set(variationId(value), name);
  }
  return issues;
}

function targetIssues(path: readonly string[], { targets }: AuthoredFlag, names: readonly string[]): Issue[] {
  const seen = new Set<string>();
  return targets.flatMap(({ variation, kind, keys }, at) => [
    ...unknownName([...path, 'targets', at, 'variation'], 'variation', variation, names),
    ...keys.flatMap((key, nth) => {
      const unit = `${kind} ${key}`;
      if (seen.size !== seen.add(unit).size) return [];
      return [{ path: [...path, 'targets', at, 'keys', nth], message: `${JSON.stringify(key)} is already targeted` }];
    }),
  ]);
}

function prerequisiteIssues(path: readonly string[], { prerequisites }: AuthoredFlag, { flags }: Authored): Issue[] {
  return prerequisites.flatMap(({ flag, variations }, at) => {
    const required = flags[flag];
    const where = [...path, 'prerequisites', at];
    if (required === undefined) return [...unknownName([...where, 'flag'], 'flag', flag, Object.keys(flags))];
    const names = variationsOf(required).map(([name]) => name);
    return variations.flatMap((name, nth) =>
      unknownName([...where, 'variations', nth], `variation of ${flag}`, name, names),
    );
  });
}

function ruleIssues(
  path: readonly string[],
  { rules }: AuthoredFlag,
  names: readonly string[],
  authored: Authored,
): Issue[] {
  const ids = new Set<string>();
  return rules.flatMap((rule, at) => {
    const where = [...path, 'rules', at];
    const repeated = ids.size === ids.add(rule.id).size;
    return [
      ...(repeated
        ? [{ path: [...where, 'id'], message: `${JSON.stringify(rule.id)} is the id of another rule` }]
        : []),
      ...rule.when.flatMap((clause, nth) => clauseIssues([...where, 'when', nth], clause, authored)),
      ...outcomeIssues(where, rule, names),
    ];
  });
}

function outcomeIssues(path: Issue['path'], { serve, split }: AuthoredOutcome, names: readonly string[]): Issue[] {
  if (serve !== undefined) return [...unknownName([...path, 'serve'], 'variation', serve, names)];
  if (split === undefined) return [];
  const { rest, weights } = split;
  const at = [...path, 'split'];
  const restWeighted = Object.hasOwn(weights, rest);
  return [
    ...unknownName([...at, 'rest'], 'variation', rest, names),
    ...Object.keys(weights).flatMap((name) => unknownName([...at, 'weights', name], 'variation', name, names)),
    ...(restWeighted ? [{ path: [...at, 'weights', rest], message: 'is rest: it gets what the others leave' }] : []),
    ...sumIssues([...at, 'weights'], weights),
  ];
}
