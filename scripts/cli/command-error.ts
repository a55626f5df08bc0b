/** What a command cannot do, in words for the person who gave it. Printed without a stack; the exit code is 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
