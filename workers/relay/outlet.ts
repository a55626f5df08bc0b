/** Open streams that are written the same bytes. A client that does not read is cut: what waits for it must not fill the memory. */
import { MAX_QUEUE, SILENCE_MS } from '#schema/stream-limits';
import { LAST_CHUNK } from './event-chunk.ts';

/** As much of a socket as is used. */
export interface Sink {
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(chunk: Buffer): unknown;
  end(chunk: Buffer): unknown;
  destroy(): unknown;
}

export interface Member {
  readonly sink: Sink;
  /** Since when something waits for it; undefined where nothing does. */
  stalledSince?: number | undefined;
}

export interface Outlet<M extends Member> {
  readonly members: ReadonlySet<M>;
  /** How many were cut since they did not read. */
  cut(): number;
  add(member: M): void;
  /** Its connection is gone. */
  remove(member: M): void;
  send(member: M, chunk: Buffer): void;
  /** Cuts whoever has read nothing for long though there was something. Asked for every few seconds. */
  cutStalled(now: number): void;
  /** Says a last word, and ends the stream. */
  close(member: M, chunk: Buffer): void;
}

/** What has waited for so long waits for nobody. */
const STALLED_MS = 2 * SILENCE_MS;

export function createOutlet<M extends Member>(): Outlet<M> {
  const members = new Set<M>();
  let cut = 0;

  function cutOff(member: M): void {
    cut++;
    members.delete(member);
    member.sink.destroy();
  }

  function send(member: M, chunk: Buffer): void {
    const { sink } = member;
    if (sink.destroyed) return;
    sink.write(chunk);
    if (sink.writableLength > MAX_QUEUE) cutOff(member);
  }

  return {
    members,
    cut: () => cut,
    add: (member) => void members.add(member),
    remove: (member) => void members.delete(member),
    send,
    cutStalled(now) {
      for (const member of members) {
        // A clock that was set back must not keep anybody for ever.
        const since = Math.min(member.stalledSince ?? now, now);
        member.stalledSince = member.sink.writableLength === 0 ? undefined : since;
        if (now - (member.stalledSince ?? now) >= STALLED_MS) cutOff(member);
      }
    },
    close(member, chunk) {
      send(member, chunk);
      members.delete(member);
      if (!member.sink.destroyed) member.sink.end(LAST_CHUNK);
    },
  };
}
