/** `q` of lists: whether a text is in any of the others, whatever the case. */
export const matchesText = (q: string | undefined, texts: readonly (string | undefined)[]): boolean =>
  q === undefined || texts.some((text) => text?.toLowerCase().includes(q.toLowerCase()));
