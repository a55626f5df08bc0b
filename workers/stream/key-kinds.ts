/** Who may ask the stream for what. The publisher's own key is of the settings, and is no SDK's. */
import type { KeyKind } from '#http/sdk-keys';

export type StreamKeyKind = KeyKind | 'publisher';

export const STREAM_KEY_KINDS = ['server', 'client', 'relay', 'publisher'] as const;

/** `flags`: rulesets, acknowledgements and the board; `keys`: the keys document; `offer`: to say what there is. */
export type StreamAction = 'flags' | 'keys' | 'offer';

const ALLOWED: Readonly<Record<StreamAction, readonly StreamKeyKind[]>> = {
  flags: ['server', 'relay'],
  keys: ['relay', 'publisher'],
  offer: ['publisher'],
};

export const mayAsk = (kind: StreamKeyKind, action: StreamAction): boolean => ALLOWED[action].includes(kind);

/** Control issues none of these: they count beside the keys document, whatever it says. */
export const isOwnKind = (kind: StreamKeyKind): boolean => kind === 'publisher';
