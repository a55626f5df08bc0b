/** Figures of cells that were run before, one a line, so that a run that was broken off goes on where it was. Only those of the same code count. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';

export interface Store {
  readonly get: (key: string) => unknown;
  readonly put: (key: string, figures: unknown) => void;
}

export function openStore(path: string, fresh: boolean): Store {
  if (fresh) rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const known = new Map(lines.flatMap(parsed));
  return {
    get: (key) => known.get(key),
    put: (key, figures) => {
      known.set(key, figures);
      appendFileSync(path, `${JSON.stringify([key, figures])}\n`);
    },
  };
}

/** Nothing where the line was cut off. */
function parsed(line: string): [string, unknown][] {
  try {
    return [JSON.parse(line) as [string, unknown]];
  } catch {
    return [];
  }
}

/** Of what the module and all that it imports do; comments and layout are no part of it. */
export async function codeDigest(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return createHash('sha256')
    .update(outputFiles[0]?.text ?? '')
    .digest('base64url')
    .slice(0, 16);
}
