/** What an instance keeps between events, at module scope. */
import { keepIn } from './keep-in.ts';

export const keep = keepIn(new Map<string, object>());
