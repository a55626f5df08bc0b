/**
 * Empties what an inbox has accepted into the archive, in batches. Where a batch ends is on disk before its first object is put, and an
 * object's name says its positions and its content: a crash anywhere puts the same objects again, and each event is in one of them.
 */
import { encodeBase64url } from '#core/base64url';
import { type ArchiveBounds, createArchiveBatch } from './archive-batch.ts';
import { beginBatch, begunBatch, forgetArchived, oldestUnarchived, readArchiveLog } from './archive-log.ts';
import { type BatchPlace, objectName } from './archive-names.ts';
import type { ArchivePort } from './archive-port.ts';
import { backoff } from './backoff.ts';
import { within } from './within.ts';

/** Some megabytes of text at once; an object for each flag and hour, each a call. */
const BOUNDS: ArchiveBounds = { events: 20_000, objects: 200 };
/** Calls that the platform lets run beside each other are six. */
const PUTS_AT_ONCE = 4;
/** What takes longer is taken for lost; that it may still arrive does no harm. */
const PUT_MS = 30_000;
const DIGEST_BYTES = 6;

export interface ArchiverOptions {
  readonly storage: DurableObjectStorage;
  readonly archive: ArchivePort;
  readonly environment: string;
  /** The inbox's name among the objects, and no other's. */
  readonly inbox: string;
  /** How long an event waits for others of its hour, so that objects are few. */
  readonly afterMs: number;
  readonly bounds?: ArchiveBounds;
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface Archiver {
  /** In how many milliseconds there is something to do, later where the archive fails; 0 where there is now, undefined where nothing waits. */
  dueIn(): number | undefined;
  /** Puts what is due; joins a run that is under way. Never rejects. When to run again, as `dueIn`. */
  run(): Promise<number | undefined>;
}

export function createArchiver(options: ArchiverOptions): Archiver {
  const { storage, archive, environment, inbox, afterMs, bounds = BOUNDS, now, random } = options;
  const { sql } = storage;
  /** In a row. */
  let failures = 0;
  let notBefore = 0;
  let running: Promise<number | undefined> | undefined;

  function dueIn(): number | undefined {
    const oldest = oldestUnarchived(sql);
    if (oldest === undefined) return undefined;
    const at = begunBatch(sql) === undefined ? oldest + afterMs : 0;
    return Math.max(0, Math.max(at, notBefore) - now());
  }

  async function putBatch(): Promise<void> {
    const begun = begunBatch(sql);
    const batch = createArchiveBatch(environment, bounds);
    const positions: number[] = [];
    for (const part of readArchiveLog(sql, begun ?? Number.MAX_SAFE_INTEGER)) {
      batch.add(part);
      positions.push(part.position);
      if (begun === undefined && batch.isFull()) break;
    }
    const [from = 0, until = 0] = [positions[0], positions.at(-1)];
    if (begun === undefined) beginBatch(sql, until);
    await putAll([...batch.texts()], { inbox, from, until });
    storage.transactionSync(() => forgetArchived(sql, until));
  }

  async function putAll(texts: readonly (readonly [string, readonly string[]])[], place: BatchPlace): Promise<void> {
    for (let at = 0; at < texts.length; at += PUTS_AT_ONCE)
      await Promise.all(texts.slice(at, at + PUTS_AT_ONCE).map(([prefix, lines]) => put(prefix, lines, place)));
  }

  async function put(prefix: string, lines: readonly string[], place: BatchPlace): Promise<void> {
    const text = new TextEncoder().encode(lines.join(''));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text)).subarray(0, DIGEST_BYTES);
    const name = objectName(prefix, place, encodeBase64url(digest));
    await within(PUT_MS, archive.put(name, await gzip(text)));
  }

  async function putDue(): Promise<number | undefined> {
    try {
      while (dueIn() === 0) {
        await putBatch();
        failures = 0;
      }
    } catch (error) {
      console.error(`archive: ${error instanceof Error ? error.message : error}`);
      failures++;
      notBefore = now() + backoff(failures, random());
    }
    return dueIn();
  }

  return {
    dueIn,
    run() {
      running ??= putDue().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

const gzip = (text: Uint8Array): Promise<ArrayBuffer> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
