/** What decoding throws: the realm has no DOMException. */
export function invalidCharacter(what: string): Error {
  const error = new Error(`${what}: the text has a character that it cannot have`);
  error.name = 'InvalidCharacterError';
  return error;
}
