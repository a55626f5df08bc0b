/** What was thrown, as in the platform's `status_msg`: `main.js:onClientRequest:39:3+ReferenceError:+x+is+not+defined`. */

const FRAME = /at (?:async )?(?:([^\s(]+) \()?([^\s()]+\.js):(\d+):(\d+)\)?$/;
/** Frames that are named. */
const NAMED = 3;

export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return encode(textOf(thrown));
  const frames = (thrown.stack ?? '').split('\n').flatMap((line) => {
    const [, name = '', file, row, column] = FRAME.exec(line.trim()) ?? [];
    return file === undefined ? [] : [`${file}:${name}:${row}:${column}`];
  });
  const where = frames.length === 0 ? '' : `${frames.slice(0, NAMED).join(',')}+`;
  return `${where}${encode(`${thrown.name}: ${thrown.message}`)}`;
}

const encode = (text: string): string =>
  text
    .slice(0, 400)
    .replace(/\s/g, '+')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: header values have none.
    .replace(/[\u0000-\u001f\u007f-\uffff;]/g, '?');

function textOf(thrown: unknown): string {
  try {
    return typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return 'an error that cannot be told';
  }
}
