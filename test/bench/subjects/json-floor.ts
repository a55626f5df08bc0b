/** The floor of decoding: one `JSON.parse` of Lockstep's entries as one document, and nothing made of it. */
import type { Subject } from '../subject.ts';
import { linesOf } from './lockstep-lines.ts';

export interface Parsed {
  readonly entries: unknown;
}

export const jsonFloor = {
  payload: (flags: Parameters<Subject['payload']>[0]): string => `[${linesOf(flags).trimEnd().split('\n').join(',')}]`,
  open: (payload: string): Parsed => ({ entries: JSON.parse(payload) }),
};
