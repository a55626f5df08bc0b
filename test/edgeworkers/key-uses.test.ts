/** Uses of keys at an instance of which no code runs behind an answer: the yes of ingest is never read. */
import { describe, expect, it } from 'vitest';
import { createKeyUses, MAX_KEPT } from '../../workers/akamai/key-uses.ts';

const MINUTE = 60_000;

function telling(answer: () => Promise<{ ok: boolean; status: number }>) {
  const clock = { now: 1_795_420_800_000 };
  const told: [string, number][][] = [];
  const used = createKeyUses(
    { url: 'https://ingest.example.com/v1/exposures', key: 'ls_pop' },
    {
      httpRequest(_, { body }) {
        told.push((JSON.parse(body) as { uses: [string, number][] }).uses);
        return answer();
      },
      now: () => clock.now,
      timeoutMs: 100,
      onError: () => {},
    },
  );
  return { clock, told, used };
}

describe('uses of keys where nothing ever tells that ingest has heard of them', () => {
  it('are those of the keys that were used last, however many there were before', () => {
    const { clock, told, used } = telling(() => new Promise(() => {}));
    for (let key = 0; key < 2 * MAX_KEPT; key++) used(`key-${key}`);
    used(`key-${MAX_KEPT}`);
    clock.now += MINUTE;
    used('last');
    expect(told.at(-1)).toHaveLength(MAX_KEPT);
    const names = told.at(-1)?.map(([name]) => name) ?? [];
    expect(names.slice(-2)).toEqual([`key-${MAX_KEPT}`, 'last']);
    expect(names[0]).toBe(`key-${MAX_KEPT + 2}`);
  });

  it('are told again, with the minute that they had', () => {
    const { clock, told, used } = telling(() => new Promise(() => {}));
    const start = clock.now;
    used('one');
    clock.now += MINUTE;
    used('other');
    expect(told).toEqual([
      [['one', start]],
      [
        ['one', start],
        ['other', start + MINUTE],
      ],
    ]);
  });

  it('are told once where the yes is read', async () => {
    const { clock, told, used } = telling(async () => ({ ok: true, status: 202 }));
    used('one');
    await Promise.resolve();
    await Promise.resolve();
    clock.now += MINUTE;
    used('other');
    expect(told.map((uses) => uses.map(([name]) => name))).toEqual([['one'], ['other']]);
  });
});
