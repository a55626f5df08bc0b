/** What a POP refuses, and what the caller may do about it. */
import { problemResponse } from '#http/problem';

export const unauthorized = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );

export const forbidden = (): Response =>
  problemResponse({ status: 403, title: 'Forbidden', detail: 'this takes a server key' });

export const methodNotAllowed = (): Response =>
  problemResponse(
    { status: 405, title: 'Method Not Allowed', detail: 'evaluation takes POST, with {"context": {…}}' },
    { allow: 'POST' },
  );

export const notFound = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: 'there is no such route; see POST /ofrep/v1/evaluate/flags',
  });

/** For a bug: the log has it, the caller does not. */
export function failed(error: Error): Response {
  console.error(`${error.name}: ${error.message}`);
  return problemResponse({
    status: 500,
    title: 'Internal Server Error',
    detail: 'the request could not be answered',
  });
}
