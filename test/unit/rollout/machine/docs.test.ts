import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRolloutFile } from '#rollout/machine/rollout-file';
import { STATUSES } from '#rollout/machine/state';
import { rollout } from '#schema/rollout';
import { guardrail } from '#schema/rollout-guardrail';

const read = (path: string): string => readFileSync(new URL(`../../../../docs/${path}`, import.meta.url), 'utf8');
const text = read('rollouts.md');
const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block ?? '');

/** What stands in the first column of a table, in code. */
const named = new Set(
  [...text.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word),
  ),
);

describe('docs/rollouts.md', () => {
  it('has files that are taken as they stand', () => {
    const [given = '', schedule = ''] = blocks;
    expect(blocks).toHaveLength(2);
    const parsed = (file: string) => parseRolloutFile({ name: 'docs', text: file });
    expect(parsed(given)).toEqual(parsed(read('examples/fare-bundling.rollout.yaml')));
    expect([given, given + schedule.replace(/^(?=.)/gm, '  ')].map((file) => parsed(file).ok)).toEqual([true, true]);
  });

  it('tells of every key and every status', () => {
    const given = ['flag', 'bakeMinutes', 'guardrails'];
    const keys = [...Object.keys(rollout.shape), ...Object.keys(guardrail.shape)].filter((key) => !given.includes(key));
    expect([...keys, ...STATUSES].filter((word) => !named.has(word))).toEqual([]);
  });
});
