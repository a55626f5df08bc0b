/** The body of a question, never holding more of it than is allowed: an EdgeWorker's memory is small. */
import { TextDecoder } from 'encoding';
import { boundedChunks } from '#http/bounded-chunks';
import { parseJsonText } from '#http/json-text';
import { MAX_BODY_BYTES, MAX_CONTEXT_DEPTH, type OfrepBody } from '#http/ofrep-reply';
import { refused } from '#schema/result';

export async function readBody(request: EW.ResponseProviderRequest): Promise<OfrepBody> {
  const told = Number(request.getHeader('Content-Length')?.[0] ?? 0);
  if (told > MAX_BODY_BYTES) return refused('too-large');
  const bytes = await boundedChunks(request.body.getReader(), MAX_BODY_BYTES)
    // The platform breaks off where a body is larger than what it takes itself.
    .catch(() => undefined);
  if (bytes === undefined) return refused('too-large');
  return parseJsonText(new TextDecoder().decode(bytes), MAX_CONTEXT_DEPTH);
}
