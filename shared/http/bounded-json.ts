/** Reads a JSON body without ever holding more of it than is allowed. */
import { ok, type Result, refused } from '#schema/result';

export type BodyRefusal = 'too-large' | 'not-json' | 'too-deep';

/** Reads at most `maxBytes`; JSON that nests deeper than `maxDepth` is refused, so that no reader need fear for its stack. */
export async function boundedJson(
  request: Request,
  maxBytes: number,
  maxDepth: number,
): Promise<Result<unknown, BodyRefusal>> {
  const text = await boundedText(request, maxBytes);
  if (text === undefined) return refused('too-large');
  try {
    const json: unknown = JSON.parse(text);
    return isDeeper(json, maxDepth) ? refused('too-deep') : ok(json);
  } catch {
    return refused('not-json');
  }
}

async function boundedText(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined;
  if (request.body === null) return '';
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}
