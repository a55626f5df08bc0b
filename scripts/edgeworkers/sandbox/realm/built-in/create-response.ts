/** The module `create-response`. Source: techdocs.akamai.com/edgeworkers/docs/create-response. */
import type { BuiltResponse } from '../../../event.ts';
import { CREATE_RESPONSE_BYTES, CREATE_RESPONSE_HEAD_BYTES } from '../../../tiers.ts';
import { bridge } from '../bridge.js';
import { checkStatus, linesOf } from '../header-rules.ts';
import { ReadableStream } from './readable-stream.ts';

export interface Provided extends BuiltResponse {
  readonly body: ReadableStream<unknown>;
}

const made = new WeakMap<object, Provided>();

/** `(status, headers, body, denyReason)` or `(body, {status, headers, denyReason})`. */
export function createResponse(...given: unknown[]): object {
  if (bridge.event() !== 'responseProvider') throw new Error('createResponse() is for responseProvider alone');
  const isPositional = typeof given[0] === 'number';
  const [status = 200, headers, body = '', denyReason] = isPositional ? given : fromOptions(given);
  const lines = linesOf(headers);
  const head = 3 + lines.reduce((sum, [name, value]) => sum + bridge.utf8(`${name}: ${value}\r\n`).length, 0);
  if (head > CREATE_RESPONSE_HEAD_BYTES) {
    throw new RangeError(`Status and headers have ${head} bytes, at most ${CREATE_RESPONSE_HEAD_BYTES}`);
  }
  const response = Object.freeze({});
  made.set(response, {
    status: checkStatus(status),
    headers: lines,
    body: streamOf(body),
    ...(status === 403 && denyReason !== undefined && { denyReason: String(denyReason) }),
  });
  return response;
}

/** What a `responseProvider` returned. */
export function providedBy(returned: unknown): Provided {
  const provided = typeof returned === 'object' && returned !== null ? made.get(returned) : undefined;
  if (provided === undefined) throw new TypeError('responseProvider must return what createResponse() gives');
  return provided;
}

function fromOptions([body, options = {}]: readonly unknown[]): readonly unknown[] {
  if (typeof options !== 'object' || options === null) throw new TypeError('Options must be an object');
  const { status, headers, denyReason, deny_reason } = options as Readonly<Record<string, unknown>>;
  return [status, headers, body, denyReason ?? deny_reason];
}

function streamOf(body: unknown): ReadableStream<unknown> {
  if (body instanceof ReadableStream) return body;
  if (typeof body !== 'string') throw new TypeError('The body must be a string or a ReadableStream');
  const bytes = new Uint8Array(bridge.utf8(body));
  if (bytes.length > CREATE_RESPONSE_BYTES) {
    throw new RangeError(`The body has ${bytes.length} bytes, at most ${CREATE_RESPONSE_BYTES} as a string`);
  }
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
