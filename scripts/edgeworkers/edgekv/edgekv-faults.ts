/** What goes wrong with EdgeKV, by order: for everybody at one of its sides. */

export type EdgeKvFault =
  /** Every request is answered so. */
  | { readonly fault: 'status'; readonly status: 429 | 500 }
  /** No answer comes. */
  | { readonly fault: 'hang' }
  /** The connection breaks in the middle of the value. */
  | { readonly fault: 'cut' }
  /** Half of the value comes, as though it were all. */
  | { readonly fault: 'truncate' }
  | { readonly fault: 'delay'; readonly ms: number };

export interface EdgeKvFaults {
  /** `side` is a POP, or `api`. In the place of what was there; `times` requests have it, all of them by default. */
  set(side: string, fault: EdgeKvFault, times?: number): void;
  heal(side: string): void;
  /** Answers as the fault on that side has it. */
  apply(side: string, signal: AbortSignal, answer: () => Promise<Response>): Promise<Response>;
}

export function createEdgeKvFaults(
  failure: (status: 429 | 500) => Response,
  sleep: (milliseconds: number) => Promise<void>,
): EdgeKvFaults {
  const faults = new Map<string, { readonly fault: EdgeKvFault; left: number }>();

  function take(side: string): EdgeKvFault | undefined {
    const found = faults.get(side);
    if (found === undefined || found.left <= 0) return undefined;
    found.left--;
    return found.fault;
  }

  return {
    set: (side, fault, times = Number.POSITIVE_INFINITY) => void faults.set(side, { fault, left: times }),
    heal: (side) => void faults.delete(side),
    async apply(side, signal, answer) {
      const fault = take(side);
      switch (fault?.fault) {
        case undefined:
          return answer();
        case 'status':
          return failure(fault.status);
        case 'hang':
          return hang(signal);
        case 'delay':
          await sleep(fault.ms);
          return answer();
        case 'cut':
          return half(await answer(), true);
        case 'truncate':
          return half(await answer(), false);
        default:
          return fault satisfies never;
      }
    },
  };
}

/** Until whoever asks has had enough. */
const hang = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

async function half(response: Response, isBroken: boolean): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.slice(0, bytes.length >> 1)),
    pull(controller) {
      if (isBroken) controller.error(new Error('the connection was reset'));
      else controller.close();
    },
  });
  return new Response(body, { status: response.status, headers: { 'Content-Type': 'text/plain' } });
}
