/** The sandbox's network: the host does what is asked for. */
import type { FromSandbox, ToSandbox } from './messages.ts';
import type { Network, NetworkListener } from './sub-requests.ts';

export interface IpcNetwork extends Network {
  /** What the host has to say of a sub-request. */
  receive(message: Extract<ToSandbox, { kind: 'head' | 'chunk' | 'end' | 'fail' }>): void;
}

export function createIpcNetwork(post: (message: FromSandbox) => void): IpcNetwork {
  const listeners = new Map<number, NetworkListener>();
  let last = 0;
  return {
    send(request, listener) {
      const id = ++last;
      listeners.set(id, listener);
      post({ kind: 'request', id, request });
      return {
        abort() {
          if (listeners.delete(id)) post({ kind: 'abort', id });
        },
      };
    },
    receive(message) {
      const listener = listeners.get(message.id);
      if (listener === undefined) return;
      if (message.kind === 'end' || message.kind === 'fail') listeners.delete(message.id);
      if (message.kind === 'head') listener.head(message.status, message.headers);
      else if (message.kind === 'chunk') listener.chunk(message.bytes);
      else if (message.kind === 'end') listener.end();
      else listener.fail(message.message);
    },
  };
}
