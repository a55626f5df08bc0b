/** The four kinds of items as the API has them: each under a name of its own, with the shape of its body and a sample of it. */
import type * as z from 'zod';
import type { ItemKind } from '#control/item';
import { authoredFlag, authoredHoldout, authoredLayer, authoredSegment } from '#schema/authored';
import { name } from '#schema/control-names';
import { flagKey } from '#schema/entry';

export interface KindShape {
  readonly kind: ItemKind;
  readonly plural: 'flags' | 'segments' | 'layers' | 'holdouts';
  /** For ids of operations. */
  readonly id: string;
  readonly key: z.ZodString;
  readonly body: z.ZodType;
  readonly exampleKey: string;
  readonly example: object;
}

export const KINDS: readonly KindShape[] = [
  {
    ...{ kind: 'flag', plural: 'flags', id: 'Flag', key: flagKey, body: authoredFlag, exampleKey: 'search.mapView' },
    example: {
      description: 'The map beside the results.',
      type: 'boolean',
      salt: 'search-map-view',
      enabled: true,
      off: 'off',
      fallthrough: { split: { rest: 'off', weights: { on: 5 } } },
    },
  },
  {
    ...{ kind: 'segment', plural: 'segments', id: 'Segment', key: name, body: authoredSegment, exampleKey: 'staff' },
    example: { description: 'People who work here.', included: ['u-1'] },
  },
  {
    ...{ kind: 'layer', plural: 'layers', id: 'Layer', key: name, body: authoredLayer, exampleKey: 'results' },
    example: {
      description: 'One experiment on the results at a time.',
      salt: 'layer-results',
      slices: { 'search.mapView': 50 },
    },
  },
  {
    ...{ kind: 'holdout', plural: 'holdouts', id: 'Holdout', key: name, body: authoredHoldout, exampleKey: 'quarter' },
    example: { description: 'Nothing new for a few.', salt: 'holdout-quarter', percent: 2 },
  },
];
