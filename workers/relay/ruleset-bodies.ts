/** Rulesets as bytes, made once for all who fetch them: behind a pointer everybody comes at the same time. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface RulesetBodies {
  plain(text: string): Buffer<ArrayBuffer>;
  /** Compressed, once. */
  gzipped(text: string): Promise<Buffer<ArrayBuffer>>;
}

interface Bodies {
  plain?: Buffer<ArrayBuffer>;
  gzipped?: Promise<Buffer<ArrayBuffer>>;
}

/** The one in force, and some that lag. */
const MAX_BODIES = 4;

const compress = promisify(gzip) as (bytes: Buffer) => Promise<Buffer<ArrayBuffer>>;

export function createRulesetBodies(): RulesetBodies {
  const byText = new Map<string, Bodies>();

  function of(text: string): Bodies {
    const known = byText.get(text) ?? {};
    byText.delete(text);
    byText.set(text, known);
    for (const oldest of byText.keys()) {
      if (byText.size <= MAX_BODIES) break;
      byText.delete(oldest);
    }
    return known;
  }

  function plain(text: string): Buffer<ArrayBuffer> {
    const bodies = of(text);
    bodies.plain ??= Buffer.from(text, 'latin1');
    return bodies.plain;
  }

  return {
    plain,
    gzipped(text) {
      const bytes = plain(text);
      const bodies = of(text);
      bodies.gzipped ??= compress(bytes);
      return bodies.gzipped;
    },
  };
}
