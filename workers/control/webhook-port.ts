/** As much of a receiver as delivering needs. */

/** How long one has to answer. */
export const PATIENCE_MS = 10_000;

export interface WebhookPort {
  /** Tries once. Never throws, whatever a receiver or a network does. */
  send(letter: Letter): Promise<SendOutcome>;
}

export interface Letter {
  readonly url: string;
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** `gone`: the receiver says that it will never be there again. `code` is its status, where there was an answer. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly code: number }
  | { readonly kind: 'gone'; readonly code: number }
  | { readonly kind: 'failed'; readonly code?: number; readonly error: string };
