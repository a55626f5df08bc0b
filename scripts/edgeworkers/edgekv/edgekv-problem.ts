/** EdgeKV's errors. Source of types, details and codes: the examples in its description (akamai-apis, edgekv/v1). */

export type EdgeKvErrorCode = 'EKV_0000' | 'EKV_1000' | 'EKV_2000' | 'EKV_2001' | 'EKV_3000' | 'EKV_9000' | 'EKV_9100';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Not Found',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

export function edgeKvProblem(status: number, errorCode: EdgeKvErrorCode, detail: string): Response {
  const title = TITLES[status] ?? 'Error';
  const problem = {
    type: `/edgekv/error-types/edgekv-${title.toLowerCase().replaceAll(' ', '-')}`,
    title,
    status,
    detail,
    instance: `/edgekv/error-instances/${crypto.randomUUID()}`,
    errorCode,
    additionalDetail: { requestId: crypto.randomUUID().replaceAll('-', '').slice(0, 16) },
  };
  return Response.json(problem, { status, headers: { 'Content-Type': 'application/problem+json' } });
}

export const NO_NAMESPACE = 'The requested namespace does not exist.';
export const MAX_VALUE_CHARS = 262_144;

export const tooLarge = (): Response =>
  edgeKvProblem(413, 'EKV_9000', `Value cannot exceed ${MAX_VALUE_CHARS} characters.`);

export const tooMany = (hits: number, limit: number): Response =>
  edgeKvProblem(
    429,
    'EKV_9100',
    `Your request has been denied: ${hits} hits per second too high. limit set at ${limit}. Please try again soon.`,
  );

export const internalError = (): Response => edgeKvProblem(500, 'EKV_0000', 'An internal error occurred.');

export const itemNotFound = (group: string, item: string): Response =>
  edgeKvProblem(404, 'EKV_9000', `Item '${item}' or group '${group}' was not found in the database.`);

export const notAllowed = (): Response =>
  edgeKvProblem(405, 'EKV_0000', 'The method is not allowed for the requested resource.');
