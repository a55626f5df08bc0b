/** What a POP refuses, as the Worker's responses. */
import { FAILED, FORBIDDEN, METHOD_NOT_ALLOWED, NOT_FOUND, READ_ONLY, UNAUTHORIZED, UNHEARD } from '#http/pop-refusals';
import { responseOf } from '#http/response-of';

export const unauthorized = (): Response => responseOf(UNAUTHORIZED);
export const unheard = (): Response => responseOf(UNHEARD);
export const forbidden = (): Response => responseOf(FORBIDDEN);
export const methodNotAllowed = (): Response => responseOf(METHOD_NOT_ALLOWED);
export const readOnly = (): Response => responseOf(READ_ONLY);
export const notFound = (): Response => responseOf(NOT_FOUND);

/** For a bug: the log has it, the caller does not. */
export function failed(error: Error): Response {
  console.error(`${error.name}: ${error.message}`);
  return responseOf(FAILED);
}
