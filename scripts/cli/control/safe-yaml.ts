/**
 * Values as YAML that may go to a terminal as well as into a file: what would move the cursor, hide or turn round what follows is
 * written as an escape, which YAML reads back as it was.
 */
import { Document, visit } from 'yaml';

/** As `printable` has it; but backslashes are YAML's own, and line feeds are written by it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const HIDDEN_IN_TEXT = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Values that are texts here, and truth to readers of YAML 1.1; keys have no other meaning. */
const SWITCH = /^(?:on|off|yes|no|y|n)$/i;

export function safeYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(at, node) {
      const { value: text } = node;
      if (typeof text === 'string' && (HIDDEN.test(text) || (at !== 'key' && SWITCH.test(text))))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 }).replace(HIDDEN_IN_TEXT, escaped);
}

const escaped = (found: string): string =>
  `\\U${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(8, '0')}`;
