import { readFile } from 'node:fs/promises';
import type { VectorFile } from './run.ts';

/** What `index.json` says of the numbered files. */
export type VectorIndex = {
  readonly specVersion: 1;
  readonly files: readonly { readonly file: string; readonly cases: number; readonly sha256: string }[];
};

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'));
}

/** Reads all golden vectors that the index names, in order. */
export async function loadVectors(): Promise<VectorFile[]> {
  const index = (await readJson('index.json')) as VectorIndex;
  return Promise.all(index.files.map(async ({ file }) => (await readJson(file)) as VectorFile));
}
