import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

const PRELUDE = `
  import { ReadableStream, WritableStream, TransformStream, CountQueuingStrategy, ByteLengthQueuingStrategy } from 'streams';
  import { TextEncoderStream, TextDecoderStream } from 'text-encode-transform';
  import { createResponse } from 'create-response';

  const tell = (request, value) => request.respondWith(200, {}, JSON.stringify(value));
  const later = async (act) => { try { return await act(); } catch (error) { return String(error.message ?? error); } };
  const streamOf = (...chunks) => new ReadableStream({
    start(controller) { for (const chunk of chunks) controller.enqueue(chunk); controller.close(); },
  });
  const read = async (stream) => {
    const chunks = [];
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return chunks;
      chunks.push(value);
    }
  };
`;

describe('streams', () => {
  let cases: Cases<string>;
  beforeAll(async () => {
    cases = await startCases({
      prelude: PRELUDE,
      cases: {
        pulled: `async (request) => {
          let next = 0;
          const asked = [];
          const stream = new ReadableStream({
            async pull(controller) {
              asked.push(controller.desiredSize);
              await null;
              if (next === 3) controller.close(); else controller.enqueue(next++);
            },
          }, new CountQueuingStrategy({ highWaterMark: 2 }));
          tell(request, [await read(stream), asked[0], await read(streamOf()), (await read(new ReadableStream({ type: 'bytes',
            pull(controller) { controller.enqueue(new Uint8Array([1, 2])); controller.close(); } }))).map((chunk) => [...chunk])]);
        }`,
        locked: `async (request) => {
          const stream = streamOf('a', 'b');
          const reader = stream.getReader();
          const refused = [await later(() => stream.getReader()), await later(() => stream.cancel()), await later(() => stream.getReader({ mode: 'byob' }))];
          await reader.read();
          reader.releaseLock();
          tell(request, [refused, stream.locked, await later(() => reader.read()), await read(stream), await streamOf().getReader().closed === undefined]);
        }`,
        errors: `async (request) => {
          const failing = () => new ReadableStream({ pull() { throw new Error('source broke'); } });
          let cancelled;
          const endless = new ReadableStream({ pull(controller) { controller.enqueue('x'); }, cancel(reason) { cancelled = reason; } });
          const sink = new WritableStream({ write() { throw new Error('sink broke'); } });
          let aborted;
          tell(request, [
            await later(() => read(failing())), await later(() => endless.pipeTo(sink)), cancelled.message,
            await later(() => failing().pipeTo(new WritableStream({ abort(reason) { aborted = reason.message; } }))), aborted,
            await later(() => new ReadableStream({ start() { throw new Error('start broke'); } })),
            await later(() => read(failing().pipeThrough(new TransformStream()))),
            await later(() => read(streamOf('a').pipeThrough(new TransformStream({ transform() { throw new Error('transform broke'); } })))),
          ]);
        }`,
        written: `async (request) => {
          const got = [];
          const writer = new WritableStream({ async write(chunk) { await null; got.push(chunk); }, close() { got.push('closed'); } }).getWriter();
          const sizes = [writer.desiredSize];
          const first = writer.write('a');
          sizes.push(writer.desiredSize);
          writer.write('b');
          await first;
          await writer.ready;
          await writer.close();
          await writer.closed;
          tell(request, [got, sizes, await later(() => writer.write('c')), writer.desiredSize]);
        }`,
        transformed: `async (request) => {
          const doubled = new TransformStream({
            start(controller) { controller.enqueue('start'); },
            transform(chunk, controller) { if (chunk !== 'skip') { controller.enqueue(chunk); controller.enqueue(chunk + chunk); } },
            flush(controller) { controller.enqueue('end'); },
          });
          const identity = await read(streamOf(1, 2, 3).pipeThrough(new TransformStream()));
          const cut = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); controller.terminate(); } });
          tell(request, [await read(streamOf('a', 'skip', 'skip', 'b').pipeThrough(doubled)), identity, await read(streamOf('a', 'b').pipeThrough(cut))]);
        }`,
        teed: `async (request) => {
          const [one, two] = streamOf('a', 'b', 'c').tee();
          const [early, rest] = streamOf('a', 'b').tee();
          await early.cancel('enough');
          tell(request, [await read(one), await read(two), await read(rest)]);
        }`,
        texts: `async (request) => {
          const text = 'aé€😀z'.repeat(3);
          const encoded = await read(streamOf(...text).pipeThrough(new TextEncoderStream()));
          const halves = await read(streamOf('\\ud83d', '\\ude00!').pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()));
          const alone = await read(streamOf('\\ud83d').pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream()));
          const decoded = await read(streamOf(...encoded).pipeThrough(new TextDecoderStream()));
          const bytesOne = encoded.flatMap((chunk) => [...chunk]).map((byte) => new Uint8Array([byte]));
          tell(request, [encoded.every((chunk) => chunk instanceof Uint8Array), decoded.join('') === text, halves.join(''), alone.join(''),
            (await read(streamOf(...bytesOne).pipeThrough(new TextDecoderStream()))).join('') === text,
            await later(() => read(streamOf(new Uint8Array([0xff])).pipeThrough(new TextDecoderStream('utf-8', { fatal: true })))),
            new TextDecoderStream().encoding]);
        }`,
        provide: `() => createResponse(201, { A: ['b', 'c'] }, new ReadableStream({
          async pull(controller) {
            this.n = (this.n ?? 0) + 1;
            await null;
            controller.enqueue(new Uint8Array([64 + this.n]));
            if (this.n === 3) controller.close();
          },
        }))`,
        provideText: `() => createResponse('héllo', { status: 404, headers: { A: 'b' } })`,
        provideNothing: `() => createResponse()`,
        provideDenied: `() => createResponse(403, {}, 'no', 'denied by rule')`,
        provideBroken: `() => createResponse(200, {}, new ReadableStream({
          start(controller) { controller.enqueue(new Uint8Array([65, 66])); },
          pull() { throw new Error('half way'); },
        }))`,
        provideOther: `() => ({ status: 200 })`,
        provideWrong: `() => createResponse(100, {}, '')`,
        provideElsewhere: `(request) => { createResponse(200, {}, ''); }`,
        body: `async (request) => {
          const [text, , ...rest] = request.query.split('&');
          const value = text === 'json' ? (await request.json()).a : text === 'bytes' ? new Uint8Array(await request.arrayBuffer()).length
            : text === 'stream' ? (await read(request.body)).length : await request.text();
          return createResponse(200, {}, String(value));
        }`,
      },
    });
  });
  afterAll(() => cases.stop());

  it('are pulled when there is room, and read to their end', async () => {
    expect(await cases.answer('pulled')).toEqual([[0, 1, 2], 2, [], [[1, 2]]]);
  });

  it('have one reader at a time', async () => {
    expect(await cases.answer('locked')).toEqual([
      [
        'The stream is locked to a reader',
        'Cannot cancel a stream that is locked to a reader',
        'The harness has no readers that bring their own buffers',
      ],
      false,
      'The reader was released',
      ['b'],
      true,
    ]);
  });

  it('carry errors both ways', async () => {
    expect(await cases.answer('errors')).toEqual([
      ...['source broke', 'sink broke', 'sink broke', 'source broke', 'source broke', 'start broke'],
      ...['source broke', 'transform broke'],
    ]);
  });

  it('are written to in order', async () => {
    expect(await cases.answer('written')).toEqual([['a', 'b', 'closed'], [1, 0], 'The stream is closed', 0]);
  });

  it('are transformed, chunk by chunk', async () => {
    expect(await cases.answer('transformed')).toEqual([['start', 'a', 'aa', 'b', 'bb', 'end'], [1, 2, 3], ['a']]);
  });

  it('are split in two', async () => {
    expect(await cases.answer('teed')).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('of texts become streams of bytes and back, characters in two chunks included', async () => {
    const [isOwn, isWhole, halves, alone, ...rest] = (await cases.answer('texts')) as unknown[];
    expect([isOwn, isWhole, halves, alone]).toEqual([true, true, '😀!', '�']);
    expect(rest).toEqual([true, 'The bytes are not utf-8', 'utf-8']);
  });

  it('are what a provider answers with', async () => {
    const { effects, body } = await cases.run('provide', 'responseProvider');
    expect(effects?.provided).toEqual({
      status: 201,
      headers: [
        ['A', 'b'],
        ['A', 'c'],
      ],
    });
    expect(new TextDecoder().decode(body)).toBe('ABC');
  });

  it.each([
    ['provideText', { status: 404, headers: [['A', 'b']] }, 'héllo'],
    ['provideNothing', { status: 200, headers: [] }, ''],
    ['provideDenied', { status: 403, headers: [], denyReason: 'denied by rule' }, 'no'],
  ])('a provider answers in other forms: %s', async (name, provided, text) => {
    const { effects, body } = await cases.run(name, 'responseProvider');
    expect(effects?.provided).toEqual(provided);
    expect(new TextDecoder().decode(body)).toBe(text);
  });

  it('cut an answer short where they break, its status being out', async () => {
    const { report, effects, body } = await cases.run('provideBroken', 'responseProvider');
    expect(report).toMatchObject({ status: 'ExecutionError', statusMessage: expect.stringContaining('half+way') });
    expect(effects?.provided?.status).toBe(200);
    expect(new TextDecoder().decode(body)).toBe('AB');
  });

  it.each([
    ['provideOther', 'responseProvider', 'createResponse()'],
    ['provideWrong', 'responseProvider', 'RangeError'],
    ['provideElsewhere', 'onClientRequest', 'for+responseProvider+alone'],
  ] as const)('a provider’s answer is checked: %s', async (name, event, message) => {
    const { report } = await cases.run(name, event);
    expect(report).toMatchObject({ status: 'ExecutionError', statusMessage: expect.stringContaining(message) });
  });

  it.each([
    ['text', 'text&', '{"a":7}'],
    ['json', 'json&', '7'],
    ['bytes', 'bytes&', '7'],
    ['chunks', 'stream&', '1'],
  ])('a request’s body is read as %s', async (_, query, expected) => {
    const input = inputOf({ query, method: 'POST' }, { body: new TextEncoder().encode('{"a":7}') });
    const { body } = await cases.run('body', 'responseProvider', input);
    expect(new TextDecoder().decode(body)).toBe(expected);
  });
});
