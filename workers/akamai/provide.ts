/** A reply as `responseProvider` gives it. */
import { createResponse } from 'create-response';
import { ReadableStream } from 'streams';
import type { Reply } from '#http/reply';
import { utf8 } from './instance.ts';

/** UTF-16 units, which are at most three bytes each: a text has 100,000 bytes at most, or 16 KB where the documentation is older. */
const MAX_TEXT = 5_000;

export function provided({ status, headers, body }: Reply): object {
  const text = body ?? '';
  return createResponse(status, { ...headers }, text.length > MAX_TEXT ? streamed(text) : text);
}

const streamed = (text: string): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(utf8(text));
      controller.close();
    },
  });
