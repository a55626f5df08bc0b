/** An item as it is shown. */
import * as z from 'zod';
import type { Item } from '#control/item';
import { people } from '#schema/control-operation';
import type { KindShape } from './item-kinds.ts';
import { revision } from './shapes.ts';

export const itemShape = ({ kind, key, body }: KindShape): z.ZodType =>
  z.object({ kind: z.literal(kind), key, revision, archived: z.boolean(), people, body });

export const shownItem = ({ kind, key, revision, archived, people, body }: Item) => ({
  ...{ kind, key, revision, archived, people, body },
});
