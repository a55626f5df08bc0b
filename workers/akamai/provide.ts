/** A reply as `responseProvider` gives it. */
import { createResponse } from 'create-response';
import { TextEncoder } from 'encoding';
import { ReadableStream } from 'streams';
import type { Reply } from '#http/reply';

/** UTF-16 units, which are at most three bytes each: a text has 100,000 bytes at most, or 16 KB where the documentation is older. */
const MAX_TEXT = 5_000;

export function provided({ status, headers, body }: Reply): object {
  const text = body ?? '';
  return createResponse(status, { ...headers }, text.length > MAX_TEXT ? streamed(text) : text);
}

const streamed = (text: string): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
