/** Answers that go on for as long as both ends live: server-sent events. */

export const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') === true;

/** The same answer, which fails once `broken` says so: it is given what breaks the stream off, and returns what ends its watch. */
export function streamed(response: Response, broken: (breakOff: () => void) => () => void): Response {
  const { status, headers, body } = response;
  if (body === null) return response;
  const reader = body.getReader();
  let unwatch = (): void => {};
  const through = new ReadableStream<Uint8Array>({
    start(controller) {
      unwatch = broken(() => {
        unwatch();
        void reader.cancel().catch(() => {});
        controller.error(new Error('the way there is cut'));
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (value !== undefined) controller.enqueue(value);
      if (!done) return;
      unwatch();
      controller.close();
    },
    async cancel(reason) {
      unwatch();
      await reader.cancel(reason);
    },
  });
  return new Response(through, { status, headers });
}
