/** OFREP as the Fetch standard has requests and responses. */
import { boundedJson } from './bounded-json.ts';
import {
  type Evaluator,
  MAX_BODY_BYTES,
  MAX_CONTEXT_DEPTH,
  type MoreHeaders,
  type OfrepBody,
  replyToMany,
  replyToOne,
} from './ofrep-reply.ts';
import { responseOf } from './response-of.ts';

/** `POST /ofrep/v1/evaluate/flags/{key}` */
export async function evaluateOne(
  request: Request,
  key: string,
  evaluator: Evaluator,
  headers: MoreHeaders = {},
): Promise<Response> {
  return responseOf(replyToOne(await readBody(request), key, evaluator, headers));
}

/** `POST /ofrep/v1/evaluate/flags`; 304 where the caller has the answer already. */
export async function evaluateMany(
  request: Request,
  evaluator: Evaluator,
  headers: MoreHeaders = {},
): Promise<Response> {
  const body = await readBody(request);
  return responseOf(replyToMany(body, request.headers.get('if-none-match'), evaluator, headers));
}

const readBody = (request: Request): Promise<OfrepBody> => boundedJson(request, MAX_BODY_BYTES, MAX_CONTEXT_DEPTH);
