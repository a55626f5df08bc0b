/**
 * Decodes an entry together with all that it refers to. References are bounded here, so that an evaluation need not count:
 * a chain longer than `MAX_HEIGHT` (a cycle is one without end) or more than `MAX_WEIGHT` visits refuse the entry.
 */
import { failed, unknownFlag } from '#core/evaluate';
import type { Flag, Segment } from '#core/flag';
import { MAX_HEIGHT, MAX_WEIGHT, SEGMENT_PREFIX } from '#schema/limits';
import { constant, decodeFlag, decodeHead, decodeSegment, type Links } from './decode.ts';
import { type Fields, parsedFields, refuse } from './expect.ts';

export interface Linker {
  /** The flag of that line, which serves its offline default with PARSE_ERROR where the line is refused. */
  flag(key: string, line: string): Flag;
  /** Why an entry is refused; undefined where it is not. */
  fault(key: string, line: string): string | undefined;
}

/** How far an entry's references reach, itself included. */
interface Reach {
  readonly height: number;
  readonly weight: number;
}

const ALONE: Reach = { height: 1, weight: 1 };

/** `flags` is the reader's own memory of what it has decoded: the linker fills it. */
export function createLinker(
  version: number,
  lineOf: (key: string) => string | undefined,
  flags: Map<string, Flag>,
): Linker {
  const segments = new Map<string, Segment>();
  /** Only of entries that refer to any. */
  const reaches = new Map<Flag | Segment, Reach>();
  /** The least height of entries that were refused, so that nobody decodes them again: infinite where it was not for their height. */
  const refused = new Map<string, number>();
  /** Of the entry that is being decoded: how deep it lies under the one that was asked for, and its reach so far. */
  let depth = 1;
  let reach = ALONE;
  /** Whether the refusal is for a place in a chain: an entry further down, asked for by name, may be in order. */
  let tooDeep = false;

  const links: Links = {
    flag: (key) => refer(key, flags, decodeFlagFields),
    segment: (name) => refer(SEGMENT_PREFIX + name, segments, decodeSegmentFields),
  };
  const decodeFlagFields = (fields: Fields): Flag => decodeFlag(fields, decodeHead(fields, version), links);
  const decodeSegmentFields = (fields: Fields): Segment => decodeSegment(fields, links);

  /** Takes a referred entry from `cache`, or decodes it one level deeper. */
  function refer<T extends Flag | Segment>(key: string, cache: Map<string, T>, decode: (fields: Fields) => T): T {
    const outer = reach;
    depth++;
    const least = refused.get(key) ?? 1;
    tooDeep = depth - 1 + least > MAX_HEIGHT && least < 1 / 0;
    if (tooDeep || least > MAX_HEIGHT) refuse('reference chain', key);
    const node = cache.get(key) ?? decodeLine(key, lineOf(key) ?? refuse('reference', key), cache, decode);
    depth--;
    if ('constant' in node && node.constant?.errorCode !== undefined) refuse('reference', key);
    const { height, weight } = reaches.get(node) ?? ALONE;
    reach = { height: Math.max(outer.height, height + 1), weight: outer.weight + weight };
    tooDeep = depth + height > MAX_HEIGHT;
    if (tooDeep) refuse('reference chain', key);
    if (reach.weight > MAX_WEIGHT) refuse('reference chain', reach.weight);
    return node;
  }

  function decodeLine<T extends Flag | Segment>(
    key: string,
    line: string,
    cache: Map<string, T>,
    decode: (fields: Fields) => T,
  ): T {
    const at = depth;
    reach = ALONE;
    try {
      const node = decode(parseLine(key, line));
      cache.set(key, node);
      if (reach !== ALONE) reaches.set(node, reach);
      return node;
    } catch (error) {
      // The chain was followed to one entry more than is allowed.
      refused.set(key, tooDeep ? MAX_HEIGHT + 2 - at : 1 / 0);
      throw error;
    }
  }

  function decodeAsked(key: string, line: string): Flag | Segment {
    depth = 1;
    tooDeep = false;
    return key.startsWith(SEGMENT_PREFIX)
      ? decodeLine(key, line, segments, decodeSegmentFields)
      : decodeLine(key, line, flags, decodeFlagFields);
  }

  return {
    flag(key, line) {
      try {
        return decodeAsked(key, line) as Flag;
      } catch {
        const flag = constant(failed(readableHead(key, line, version), 'PARSE_ERROR'), false);
        flags.set(key, flag);
        return flag;
      }
    },
    fault(key, line) {
      try {
        decodeAsked(key, line);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
}

function parseLine(key: string, line: string): Fields {
  const fields = parsedFields(line, 'line');
  return fields['k'] === key ? fields : refuse('k', fields['k']);
}

/** As much of a refused flag as can be read: enough for its offline default. */
function readableHead(key: string, line: string, version: number): Parameters<typeof failed>[0] {
  try {
    return decodeHead(parseLine(key, line), version);
  } catch {
    return unknownFlag(version);
  }
}
