/** The near side of the realm's bridge. Nothing in here may throw into the realm: an error of this realm would be none there. */
import { randomFillSync } from 'node:crypto';
import type { Bridge, TextDecoding } from './realm/bridge.d.ts';
import type { Turn } from './turn.ts';

/** `turn` says whose turn it is when code calls. */
export function createBridge(turn: () => Turn): Bridge {
  const encoder = new TextEncoder();
  return {
    now: () => turn().now,
    event: () => turn().event,
    log: (level, text) => turn().log(level, text),
    openSubRequest: (request) => turn().openSubRequest(request),
    sendSubRequest: (id, body, listener) => turn().sendSubRequest(id, body, listener),
    utf8: (text) => encoder.encode(text),
    decoder: createDecoder,
    atob: (text) => orUndefined(() => atob(text)),
    btoa: (text) => orUndefined(() => btoa(text)),
    randomFill: (array) => void orUndefined(() => randomFillSync(array as NodeJS.ArrayBufferView)),
    subtle(operation, parameters, done, failed) {
      // Whoever asked gets the answer in a turn of the same event.
      const { enter } = turn();
      callSubtle(operation, parameters).then(
        (result) => enter(() => done(result)),
        (error: unknown) => {
          const { name = 'Error', message = String(error) } = error as Partial<Error>;
          enter(() => failed(name, message));
        },
      );
    },
  };
}

type Operation = (...parameters: readonly unknown[]) => Promise<unknown>;

async function callSubtle(operation: string, parameters: readonly unknown[]): Promise<unknown> {
  const subtle = crypto.subtle as unknown as Readonly<Record<string, Operation>>;
  const result = await subtle[operation]?.(...parameters);
  if (operation !== 'importKey') return result;
  const { type, algorithm, usages } = result as CryptoKey;
  return { key: result, facts: JSON.stringify({ type, algorithm: plain(algorithm), usages }) };
}

/** An algorithm of RSA has its exponent in bytes. */
const plain = (algorithm: object): object =>
  Object.fromEntries(
    Object.entries(algorithm).map(([key, value]) => [
      key,
      ArrayBuffer.isView(value) ? [...new Uint8Array(value.buffer)] : value,
    ]),
  );

function createDecoder(label: string, fatal: boolean, ignoreBOM: boolean): TextDecoding | undefined {
  const decoder = orUndefined(() => new TextDecoder(label, { fatal, ignoreBOM }));
  return (
    decoder && {
      encoding: decoder.encoding,
      decode: (bytes, stream) => orUndefined(() => decoder.decode(bytes as ArrayBuffer | undefined, { stream })),
    }
  );
}

function orUndefined<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
