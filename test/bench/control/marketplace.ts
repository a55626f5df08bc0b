/** The marketplace's own flags, as many times as are asked for, and changes to them as people make them. */

import type { AuthoredFlag, AuthoredSplit } from '#schema/authored';
import { type Change, change } from '#schema/control-command';
import { type Operation, operation } from '#schema/control-operation';
import { readFlags } from '../../../scripts/cli/flags-folder.ts';

export interface Marketplace {
  /** What founds an environment with that many flags, and the segments that they use. */
  puts(flags: number): readonly Operation[];
  /** The `round`th change of a flag: another share of users gets its second variation. */
  change(flag: number, round: number): Change;
}

export const ENVIRONMENT = 'production';

export async function readMarketplace(): Promise<Marketplace> {
  const read = await readFlags('flags');
  if (!read.ok) throw new Error('flags/ does not compile');
  const { flags, segments } = read.value.authored;
  const originals = Object.entries(flags);

  function copyOf(index: number): readonly [key: string, body: AuthoredFlag] {
    const [key, body] = originals[index % originals.length] as [string, AuthoredFlag];
    // Of a namespace that editors change without anybody's approval, and in nobody's layer or holdout.
    const { prerequisites: _prerequisites, holdout: _holdout, ...alone } = body;
    return [`shop.${key.slice(key.indexOf('.') + 1)}${index}`, { ...alone, salt: `salt-${index}` } as AuthoredFlag];
  }

  return {
    puts: (count) => [
      ...Object.entries(segments).map(([key, body]) => put('segment', key, 0, body)),
      ...Array.from({ length: count }, (_, index) => put('flag', ...withBase(copyOf(index), 0))),
    ],
    change(flag, round) {
      const [key, body] = copyOf(flag);
      const operations = [put('flag', key, round, { ...body, fallthrough: { split: splitOf(body, round) } })];
      return change.parse({ operations, justification: `Ramp ${key} up: errors and latency are as before.` });
    },
  };
}

const withBase = ([key, body]: readonly [string, object], base: number) => [key, base, body] as const;

const put = (kind: 'flag' | 'segment', key: string, base: number, body: object): Operation =>
  operation.parse({ op: 'put', kind, environment: ENVIRONMENT, key, base, body });

/** Never the one of the round before. */
function splitOf({ variations }: AuthoredFlag, round: number): AuthoredSplit {
  const [rest = '', other = rest] = Object.keys(variations ?? { off: false, on: true });
  return { by: 'user', rest, weights: { [other]: 1 + ((round * 7) % 97) } };
}
