/**
 * Decodes an entry together with all that it refers to. References are bounded here, so that an evaluation need not count:
 * a chain longer than `MAX_HEIGHT` (a cycle is one without end) or more than `MAX_WEIGHT` visits refuse the entry.
 */
import { failed } from '#core/evaluate';
import type { Flag, Segment } from '#core/flag';
import { MAX_HEIGHT, MAX_WEIGHT, SEGMENT_PREFIX } from '#schema/limits';
import { constant, decodeFlag, decodeHead, decodeSegment, type FlagHead, type Links } from './decode.ts';
import { type Fields, fieldsOf, Refusal, refuse } from './expect.ts';

export interface Linker {
  /** The flag of that line, which serves its offline default with PARSE_ERROR where the line is refused. */
  flag(key: string, line: string): Flag;
  /** Why an entry is refused; undefined where it is not. */
  fault(key: string, line: string): string | undefined;
}

/** How far an entry's references reach, itself included; only those that have any are kept. */
interface Reach {
  height: number;
  weight: number;
}

const ALONE: Reach = { height: 1, weight: 1 };

/** `flags` is the reader's own memory of what it has decoded: the linker fills it. */
export function createLinker(
  version: number,
  lineOf: (key: string) => string | undefined,
  flags: Map<string, Flag>,
): Linker {
  const segments = new Map<string, Segment>();
  const reaches = new Map<Flag | Segment, Reach>();

  /** Takes a referred entry from `cache`, or decodes it one level deeper. */
  function refer<T extends Flag | Segment>(
    key: string,
    cache: Map<string, T>,
    decode: (fields: Fields, links: Links) => T,
    depth: number,
    owner: Reach,
  ): T {
    if (depth >= MAX_HEIGHT) refuse('chain of references', key);
    const node = cache.get(key) ?? decodeAt(key, cache, decode, depth + 1);
    if ('constant' in node && node.constant?.errorCode !== undefined) refuse('reference', key);
    const { height, weight } = reaches.get(node) ?? ALONE;
    owner.height = Math.max(owner.height, height + 1);
    owner.weight += weight;
    if (depth + height > MAX_HEIGHT || owner.weight > MAX_WEIGHT) refuse('chain of references', key);
    return node;
  }

  function decodeAt<T extends Flag | Segment>(
    key: string,
    cache: Map<string, T>,
    decode: (fields: Fields, links: Links) => T,
    depth: number,
  ): T {
    const line = lineOf(key) ?? refuse('reference', key);
    return decodeLine(key, line, cache, decode, depth);
  }

  function decodeLine<T extends Flag | Segment>(
    key: string,
    line: string,
    cache: Map<string, T>,
    decode: (fields: Fields, links: Links) => T,
    depth: number,
  ): T {
    const fields = parseLine(key, line);
    const reach: Reach = { ...ALONE };
    const node = decode(fields, {
      flag: (other) => refer(other, flags, decodeWholeFlag, depth, reach),
      segment: (name) => refer(SEGMENT_PREFIX + name, segments, decodeSegment, depth, reach),
    });
    cache.set(key, node);
    if (reach.height > 1) reaches.set(node, reach);
    return node;
  }

  const decodeWholeFlag = (fields: Fields, links: Links): Flag =>
    decodeFlag(fields, decodeHead(fields, version), links);

  return {
    flag(key, line) {
      try {
        return decodeLine(key, line, flags, decodeWholeFlag, 1);
      } catch {
        const flag = constant(failed(readableHead(key, line, version), 'PARSE_ERROR'), false);
        flags.set(key, flag);
        return flag;
      }
    },
    fault(key, line) {
      try {
        if (key.startsWith(SEGMENT_PREFIX)) decodeLine(key, line, segments, decodeSegment, 1);
        else decodeLine(key, line, flags, decodeWholeFlag, 1);
        return undefined;
      } catch (error) {
        return error instanceof Refusal ? error.message : String(error);
      }
    },
  };
}

function parseLine(key: string, line: string): Fields {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return refuse('line', line.slice(0, 40));
  }
  const fields = fieldsOf(json);
  return fields['k'] === key ? fields : refuse('k', fields['k']);
}

/** As much of a refused flag as can be read: enough for its offline default. */
function readableHead(key: string, line: string, version: number): FlagHead {
  try {
    return decodeHead(parseLine(key, line), version);
  } catch {
    return { version, revision: 0, variations: [], off: 0, offlineDefault: 0 };
  }
}
