/** What may be said to be on purpose, where much would change at once. */
export const CONFIRMATIONS = ['size', 'emptied'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];
