/** The sub-requests of a sandbox that are underway: the host makes them. */
import { callHost, type SubRequestHosts } from './hosts.ts';
import type { ToSandbox } from './sandbox/messages.ts';
import type { NetworkRequest } from './sandbox/sub-requests.ts';

export interface SubRequestCalls {
  start(id: number, request: NetworkRequest): void;
  abort(id: number): void;
  abortAll(): void;
  count(): number;
}

export function createSubRequestCalls(hosts: SubRequestHosts, post: (message: ToSandbox) => void): SubRequestCalls {
  const calls = new Map<number, { abort(): void }>();
  const over = (id: number, last: ToSandbox): void => {
    calls.delete(id);
    post(last);
  };
  return {
    count: () => calls.size,
    start(id, request) {
      const call = callHost(hosts, request, {
        head: (status, headers) => post({ kind: 'head', id, status, headers }),
        chunk: (bytes) => post({ kind: 'chunk', id, bytes }),
        end: () => over(id, { kind: 'end', id }),
        fail: (message) => over(id, { kind: 'fail', id, message }),
      });
      calls.set(id, call);
    },
    abort(id) {
      calls.get(id)?.abort();
      calls.delete(id);
    },
    abortAll() {
      for (const call of calls.values()) call.abort();
      calls.clear();
    },
  };
}
