/** JSON for programs, that does nothing to a terminal either: what is hidden or moves the cursor is escaped, which says the same. */
const HIDDEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(HIDDEN, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
