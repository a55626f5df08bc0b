/** The module `http-request`. Source: techdocs.akamai.com/edgeworkers/docs/http-request. */
import { decode, readAll } from '../body.ts';
import { bridge } from '../bridge.js';
import { createHeaderBag, type HeaderBag, type Lines } from '../header-bag.ts';
import { linesOf } from '../header-rules.ts';
import { ReadableStream } from './readable-stream.ts';

export interface HttpRequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | ReadableStream<unknown>;
  readonly timeout?: number;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

class HttpResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly body: ReadableStream<Uint8Array>;
  readonly #headers: HeaderBag;

  constructor(status: number, headers: Lines, body: ReadableStream<Uint8Array>) {
    this.status = status;
    this.ok = status >= 200 && status < 300;
    this.#headers = createHeaderBag(headers);
    this.body = body;
  }

  getHeader(name: string): string[] | undefined {
    return this.#headers.get(name);
  }

  getHeaders(): Record<string, string[]> {
    return this.#headers.all();
  }

  async text(): Promise<string> {
    return decode(await readAll(this.body));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

export async function httpRequest(url: string, options: HttpRequestOptions = {}): Promise<HttpResponse> {
  const method = String(options.method ?? 'GET').toUpperCase();
  if (!METHODS.includes(method)) throw new TypeError(`httpRequest: method ${method} is not supported`);
  // Counted when it is asked for, whatever becomes of it.
  const id = bridge.openSubRequest({
    method,
    url: String(url),
    headers: linesOf(options.headers),
    timeoutMs: timeoutOf(options.timeout),
  });
  if (typeof id === 'string') throw new Error(`httpRequest: ${id}`);
  const body = await bodyOf(options.body);
  return new Promise((resolve, reject) => {
    let failBody: ((error: Error) => void) | undefined;
    let push: ((chunk: Uint8Array | undefined) => void) | undefined;
    bridge.sendSubRequest(id, body, {
      head(head) {
        const { status, headers } = JSON.parse(head) as { status: number; headers: Lines };
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            push = (chunk) => (chunk === undefined ? controller.close() : controller.enqueue(chunk));
            failBody = (error) => controller.error(error);
          },
        });
        resolve(new HttpResponse(status, headers, stream));
      },
      chunk: (bytes) => push?.(new Uint8Array(bytes)),
      end: () => push?.(undefined),
      fail(message) {
        const error = new Error(`httpRequest: ${message}`);
        failBody?.(error);
        reject(error);
      },
    });
  });
}

function timeoutOf(timeout: unknown): number | undefined {
  if (timeout === undefined) return undefined;
  if (typeof timeout !== 'number' || !(timeout > 0)) throw new TypeError('httpRequest: timeout must be above 0');
  return timeout;
}

async function bodyOf(body: unknown): Promise<Uint8Array | undefined> {
  if (body === undefined || body === null) return undefined;
  return body instanceof ReadableStream ? readAll(body) : bridge.utf8(String(body));
}
