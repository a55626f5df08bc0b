/** How much a change request takes of the room that all open ones share: what people wrote, and what came of it. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ChangeRequest } from './state.ts';

/** As JSON, in UTF-8. Counted once, when it is opened or amended, and kept with it. */
export const requestBytes = ({
  change,
  effects,
  requirements,
}: Pick<ChangeRequest, 'change' | 'effects' | 'requirements'>): number =>
  utf8ToBytes(JSON.stringify({ change, effects, requirements })).length;
