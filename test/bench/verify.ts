/** Checks that a subject really decides before it is measured: the same rules hit, and splits of the same sizes. */
import type { Engine } from './subject.ts';
import { byRules, rulesOf } from './subjects/floor-decide.ts';
import { COLOURS, type Flag, SHARES } from './workload/flags.ts';
import type { User } from './workload/users.ts';

/** Percent points by which a share over 10,000 users may miss. */
const TOLERANCE = 2;

/** Throws where a flag's outcomes are not the ones that its definition asks for. */
export async function verifyFlag(engine: Engine, flag: Flag, users: readonly User[]): Promise<void> {
  const counts = new Map<unknown, number>();
  let split = 0;
  for (const user of users) {
    const found = await engine.value(flag.key, user);
    const expected = decidedWithoutSplit(flag, user);
    if (expected === undefined) {
      counts.set(found, (counts.get(found) ?? 0) + 1);
      split++;
    } else if (found !== expected) fault(flag, `${String(found)} instead of ${String(expected)} for ${user.key}`);
  }
  if (split === 0) return;
  for (const [value, percent] of sharesOf(flag)) {
    const share = ((counts.get(value) ?? 0) / split) * 100;
    if (Math.abs(share - percent) > TOLERANCE) fault(flag, `${share.toFixed(1)} % of ${String(value)}`);
  }
}

/** Throws where bulk evaluation and single evaluation differ, or an outcome is none that the flag may have. */
export async function verifyAll(engine: Engine, flags: readonly Flag[], users: readonly User[]): Promise<void> {
  const keys = flags.map(({ key }) => key);
  for (const user of users) {
    const values = await engine.values(keys, user);
    for (const flag of flags) {
      const found = values[flag.key];
      const expected = decidedWithoutSplit(flag, user);
      const allowed = expected === undefined ? sharesOf(flag).map(([value]) => value) : [expected];
      if (!(allowed as unknown[]).includes(found)) fault(flag, `${String(found)} in bulk`);
      if (found !== (await engine.value(flag.key, user))) fault(flag, 'another value in bulk than alone');
    }
  }
}

function decidedWithoutSplit(flag: Flag, user: User): boolean | string | undefined {
  if (flag.shape === 'switch') return flag.on;
  return flag.shape === 'split' ? undefined : byRules(rulesOf(flag), user)?.value;
}

function sharesOf(flag: Flag): (readonly [boolean | string, number])[] {
  if (flag.shape === 'rules') return COLOURS.map((colour, index) => [colour, SHARES[index] as number]);
  const percent = flag.shape === 'split' ? flag.percent : flag.on ? 100 : 0;
  return [
    [true, percent],
    [false, 100 - percent],
  ];
}

function fault(flag: Flag, what: string): never {
  throw new Error(`${flag.key}: ${what}`);
}
