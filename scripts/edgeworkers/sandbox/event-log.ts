/**
 * What an event logs, in the form of the platform's log headers: `D:main.js:4 gold|W::7 silver`. What goes beyond 1,024 bytes is cut.
 * Source: techdocs.akamai.com/edgeworkers/docs, "JavaScript logging".
 */
import { LOG_BYTES } from '../tiers.ts';

export interface EventLog {
  add(level: string, text: string): void;
  text(): string;
  isCut(): boolean;
}

export function createEventLog(): EventLog {
  let log = Buffer.alloc(0);
  let isCut = false;
  let lastFile = '';
  return {
    add(level, text) {
      const { file, line } = caller();
      const entry = `${level}:${file === lastFile ? '' : file}:${line} ${text.replace(/[\r\n]/g, ' ')}`;
      lastFile = file;
      log = Buffer.concat([log, Buffer.from(log.length === 0 ? entry : `|${entry}`)]);
      isCut ||= log.length > LOG_BYTES;
      log = log.subarray(0, LOG_BYTES);
    },
    text: () => log.toString(),
    isCut: () => isCut,
  };
}

/** The innermost file of the bundle that is running. */
function caller(): { readonly file: string; readonly line: string } {
  const [, file = '', line = ''] =
    /(?:\(|at )(?!file:|node:|\/)([^\s()]+\.js):(\d+):\d+\)?$/m.exec(new Error().stack ?? '') ?? [];
  return { file, line };
}
