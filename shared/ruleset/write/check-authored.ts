/** What the schema cannot see: whether the parts of a set of authored flags fit together. */
import { saltSeed } from '#core/bucket';
import type { Authored } from '#schema/authored';
import { clauseIssues } from './check-clause.ts';
import { flagIssues } from './check-flag.ts';
import { referenceIssues } from './check-references.ts';
import { type Issue, sumIssues, unknownName } from './issue.ts';

export const projectIssues = (authored: Authored): Issue[] => [
  ...Object.entries(authored.flags).flatMap(([key, flag]) => flagIssues(key, flag, authored)),
  ...segmentIssues(authored),
  ...layerIssues(authored),
  ...saltIssues(authored),
  ...caseIssues('flags', Object.keys(authored.flags)),
  ...caseIssues('segments', Object.keys(authored.segments)),
  ...referenceIssues(authored),
];

const segmentIssues = (authored: Authored): Issue[] =>
  Object.entries(authored.segments).flatMap(([name, { rules }]) =>
    rules.flatMap(({ when }, at) =>
      when.flatMap((clause, nth) => clauseIssues(['segments', name, 'rules', at, 'when', nth], clause, authored)),
    ),
  );

function layerIssues({ layers, flags }: Authored): Issue[] {
  const owner = new Map<string, string>();
  return Object.entries(layers).flatMap(([name, { slices }]) => {
    const path = ['layers', name, 'slices'];
    const issues = sumIssues(path, slices);
    for (const key of Object.keys(slices)) {
      issues.push(...unknownName([...path, key], 'flag', key, Object.keys(flags)));
      const other = owner.get(key);
      if (other !== undefined)
        issues.push({ path: [...path, key], message: `is already in layer ${JSON.stringify(other)}` });
      owner.set(key, name);
    }
    return issues;
  });
}

interface Salted {
  readonly path: Issue['path'];
  readonly salt: string;
  readonly group: string | undefined;
}

/** Two salts whose hashes are equal give everybody the same bucket: refused, unless it is said to be on purpose. */
function saltIssues({ flags, layers, holdouts }: Authored): Issue[] {
  const salted: Salted[] = [
    ...Object.entries(flags).map(([key, { salt, cohortGroup }]) => ({
      path: ['flags', key, 'salt'],
      salt,
      group: cohortGroup,
    })),
    ...Object.entries(layers).map(([name, { salt }]) => ({ path: ['layers', name, 'salt'], salt, group: undefined })),
    ...Object.entries(holdouts).map(([name, { salt }]) => ({
      path: ['holdouts', name, 'salt'],
      salt,
      group: undefined,
    })),
  ];
  const first = new Map<number, Salted>();
  return salted.flatMap((one) => {
    const other = first.get(saltSeed(one.salt));
    if (other === undefined) first.set(saltSeed(one.salt), one);
    if (other === undefined || (one.group !== undefined && one.group === other.group)) return [];
    const message = `hashes like that of ${other.path[1]}, so the two would share every cohort; take another, or name one cohortGroup in both`;
    return [{ path: one.path, message }];
  });
}

function caseIssues(section: string, keys: readonly string[]): Issue[] {
  const first = new Map<string, string>();
  return keys.flatMap((key) => {
    const other = first.get(key.toLowerCase());
    first.set(key.toLowerCase(), key);
    return other === undefined ? [] : [{ path: [section, key], message: `differs from ${other} in case alone` }];
  });
}
