/** What is wrong with the bundle, rather than with its budgets. */
export class InstanceFailure extends Error {
  override readonly name = 'InstanceFailure';
  readonly code: 'EW1108' | 'EW1201';

  constructor(code: 'EW1108' | 'EW1201', cause: unknown) {
    super(messageOf(cause));
    this.code = code;
  }
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
