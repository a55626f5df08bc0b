/** What an environment holds: flags, segments, layers and holdouts, each under an id that no other kind can have. */
import type { Authored, AuthoredFlag, AuthoredSegment } from '#schema/authored';
import type { ItemOperation, People } from '#schema/control-operation';

export type ItemKind = ItemOperation['kind'];
export type AuthoredLayer = Authored['layers'][string];
export type AuthoredHoldout = Authored['holdouts'][string];

export interface Bodies {
  readonly flag: AuthoredFlag;
  readonly segment: AuthoredSegment;
  readonly layer: AuthoredLayer;
  readonly holdout: AuthoredHoldout;
}

/** A kind together with the body that it has. */
export type Content = { readonly [K in ItemKind]: { readonly kind: K; readonly body: Bodies[K] } }[ItemKind];

export type Item = Content & {
  readonly key: string;
  /** Counts what was done to it, from 1. */
  readonly revision: number;
  readonly people: People;
  /** Known, but in no payload. */
  readonly archived: boolean;
  readonly identity: Identity;
};

/** What never changes about a key, even once it is deleted: nobody's bucket moves, and no name gets another meaning. */
export interface Identity {
  readonly salt?: string;
  /** Of a flag: the type of its variations. */
  readonly type?: string;
  /** Of a flag: the ids of all variations that it ever had, by name. */
  readonly variations?: Readonly<Record<string, string>>;
}

/** What is left of a deleted item. */
export interface Tombstone {
  readonly kind: ItemKind;
  readonly key: string;
  readonly revision: number;
  readonly identity: Identity;
}

/** The sections of an authored set, in the order in which they are written. */
export const SECTIONS = { flag: 'flags', segment: 'segments', layer: 'layers', holdout: 'holdouts' } as const;

export const ITEM_KINDS = ['flag', 'segment', 'layer', 'holdout'] as const satisfies readonly ItemKind[];

/** A flag's and a segment's is its key among the entries. Flag keys have no colon. */
export const itemId = (kind: ItemKind, key: string): string => (kind === 'flag' ? key : `${kind}:${key}`);

export const isFlagId = (id: string): boolean => !id.includes(':');

/** The unit of ownership: the key up to its first dot. Case makes no other owner. */
export const namespaceOf = (key: string): string => (key.split('.', 1)[0] as string).toLowerCase();
