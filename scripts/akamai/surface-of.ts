/** What a module imports and exports, by esbuild's own reading of it. */
import { build } from 'esbuild';

export interface ModuleSurface {
  /** Specifiers, as they are written. */
  readonly imports: readonly string[];
  /** Specifiers of `import()`, which the platform has not. */
  readonly dynamicImports: readonly string[];
  readonly exports: readonly string[];
}

/** Rejects where it is no ES module; `name` is what messages call it. */
export async function surfaceOf(source: string, name: string): Promise<ModuleSurface> {
  const { metafile } = await build({
    stdin: { contents: source, loader: 'js', sourcefile: name },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'silent',
    plugins: [
      {
        name: 'leave every import where it is',
        setup: ({ onResolve }) => onResolve({ filter: /^/ }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
  const [output] = Object.values(metafile.outputs);
  const imports = output?.imports ?? [];
  return {
    imports: imports.filter(({ kind }) => kind !== 'dynamic-import').map(({ path }) => path),
    dynamicImports: imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path),
    exports: output?.exports ?? [],
  };
}
