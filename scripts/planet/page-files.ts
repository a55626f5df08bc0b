/** The files of the planet's page, read and built once: nothing of it comes from elsewhere. */
import { readFile } from 'node:fs/promises';
import type { BuildOptions } from 'esbuild';
import { keptBuild } from '../build-cache.ts';
import { bundleText } from '../bundle-text.ts';

export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly text: string }>;

const FOLDER = 'scripts/planet/page';

export async function pageFiles(): Promise<PageFiles> {
  const [html, css, icon, script] = await Promise.all([
    readFile(`${FOLDER}/index.html`, 'utf8'),
    readFile(`${FOLDER}/page.css`, 'utf8'),
    readFile(`${FOLDER}/icon.svg`, 'utf8'),
    buildScript(),
  ]);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', text: html }],
    ['/page.css', { type: 'text/css; charset=utf-8', text: css }],
    ['/icon.svg', { type: 'image/svg+xml', text: icon }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', text: script }],
  ]);
}

function buildScript(): Promise<string> {
  const options = { entryPoints: [`${FOLDER}/page.ts`], format: 'esm', target: 'es2022' } satisfies BuildOptions;
  return keptBuild(options, () => bundleText(options));
}
