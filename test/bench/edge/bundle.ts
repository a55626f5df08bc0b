/** What a deployment uploads. */
import { gzipSync } from 'node:zlib';
import { buildWorker } from '../../../scripts/planet/build-worker.ts';

export interface Bundle {
  readonly bytes: number;
  readonly gzip: number;
  readonly hasZod: boolean;
}

export async function edgeBundle(): Promise<Bundle> {
  const code = await buildWorker('workers/edge/index.ts');
  return {
    bytes: Buffer.byteLength(code),
    gzip: gzipSync(code, { level: 9 }).byteLength,
    hasZod: ['ZodError', '_zod'].some((word) => code.includes(word)),
  };
}
