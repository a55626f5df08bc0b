/** One module of an entry and all that it imports, and which files those were. */
import type { BuildOptions } from 'esbuild';
import type { Built } from './build-cache.ts';

/** Options' paths, and those of the inputs, are from the working directory: the root. */
export async function bundleText(options: BuildOptions): Promise<Built> {
  // Where all is built already, the bundler is not loaded.
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({ ...options, bundle: true, write: false, metafile: true });
  const [built] = outputFiles;
  if (built === undefined) throw new Error(`${JSON.stringify(options.entryPoints)}: nothing was built`);
  return { text: built.text, inputs: Object.keys(metafile.inputs) };
}
