/** What a POP refuses, as the Worker's responses. */
import { FAILED, FORBIDDEN, METHOD_NOT_ALLOWED, NOT_FOUND, READ_ONLY, UNAUTHORIZED } from '#http/pop-refusals';
import { problemResponse } from '#http/problem';
import { responseOf } from '#http/response-of';

export const unauthorized = (): Response => responseOf(UNAUTHORIZED);
export const forbidden = (): Response => responseOf(FORBIDDEN);
export const methodNotAllowed = (): Response => responseOf(METHOD_NOT_ALLOWED);
export const readOnly = (): Response => responseOf(READ_ONLY);
export const notFound = (): Response => responseOf(NOT_FOUND);

/** For a bug: the log has it, the caller does not. */
export function failed(error: Error): Response {
  console.error(`${error.name}: ${error.message}`);
  return responseOf(FAILED);
}

/** For a key that none of the settings' is, while nothing was heard of those that are issued. */
export const unheard = (): Response =>
  problemResponse(
    { status: 503, title: 'Service Unavailable', detail: 'it is not known yet which SDK keys there are; ask again' },
    { 'retry-after': '1' },
  );
