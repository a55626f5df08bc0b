/** How far long work has come: on a terminal, beside what it writes, and only once there is something to wait for. */

export interface Progress {
  tell(text: string): void;
  end(): void;
}

const EVERY_MS = 1_000;

export function createProgress(): Progress {
  let told = performance.now();
  let isShown = false;
  return {
    tell(text) {
      if (!process.stderr.isTTY || performance.now() - told < EVERY_MS) return;
      told = performance.now();
      isShown = true;
      process.stderr.write(`\r\u001b[K${text}`);
    },
    end() {
      if (isShown) process.stderr.write('\r\u001b[K');
      isShown = false;
    },
  };
}
