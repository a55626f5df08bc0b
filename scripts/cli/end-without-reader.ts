/** Where whoever read the output is gone, as `head` is after its lines, the command ends at once and without a word. */

/** 128 and the number of SIGPIPE, by which other programs end there. */
const BROKEN_PIPE = 141;

export function endWithoutReader(output: NodeJS.WriteStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(BROKEN_PIPE);
  });
}
