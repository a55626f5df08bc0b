/**
 * Text of others, for a terminal or a log: what would move the cursor, break the line, hide or turn round what follows is
 * written as `\u{…}`. Canonical JSON escapes only what lies below U+0020.
 */

/** Controls (C0, DEL, C1), format characters (bidi, zero width, tags), line separators, and what is no character. */
const UNPRINTABLE = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (found) =>
    found === '\\' ? '\\\\' : `\\u{${(found.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
