/** What an emitter costs an evaluation. */

export const EMIT_CASES = ['emit-repeat', 'emit-new'] as const;
export type EmitCase = (typeof EMIT_CASES)[number];

export const EMIT_TITLES: Readonly<Record<EmitCase, string>> = {
  'emit-repeat': '25 % split over 400 users who were exposed lately, new context each time; ns per evaluation',
  'emit-new': 'the same over users of whom each is new',
};

/** Exposures that lay in a spill, until a next process has sent them all. */
export const RESENT = 'emit-resent';

export const isEmit = (name: string): boolean => name.startsWith('emit-');
