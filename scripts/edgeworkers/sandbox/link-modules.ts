/**
 * Modules of a realm: files of the bundle, the platform's built-in modules, and what those are made of. Source:
 * techdocs.akamai.com/edgeworkers/docs/import-a-javascript-module.
 */
import { posix } from 'node:path';
import vm from 'node:vm';
import { BUILT_IN, LEFT_OUT } from '../built-in-modules.ts';
import type { Bridge } from './realm/bridge.d.ts';
import { scriptOf } from './script-of.ts';

const REALM = new URL('./realm/', import.meta.url);

export interface RealmModules {
  /** The bundle's `main.js`, linked; rejects with what is wrong with it. */
  loadMain(): Promise<vm.SourceTextModule>;
  /** One of the harness's own, by its path in `realm/`; evaluated. */
  loadOwn(path: string): Promise<vm.Module>;
}

/** `pump` lets code in once more, shortly: what this realm decides, promises of that realm wait for. */
export function createRealmModules(
  realm: vm.Context,
  scripts: Readonly<Record<string, string>>,
  bridge: Bridge,
  pump: () => void,
): RealmModules {
  const modules = new Map<string, vm.Module>();
  const OwnError = vm.runInContext('Error', realm) as ErrorConstructor;

  const make = (key: string, create: () => vm.Module): vm.Module => {
    const module = modules.get(key) ?? create();
    modules.set(key, module);
    return module;
  };

  const own = (url: URL): vm.Module =>
    make(url.href, () => new vm.SourceTextModule(scriptOf(url), { context: realm, identifier: url.href }));

  const theBridge = (): vm.Module =>
    make('bridge', () => {
      const module: vm.SyntheticModule = new vm.SyntheticModule(['bridge'], () => module.setExport('bridge', bridge), {
        context: realm,
      });
      return module;
    });

  function script(path: string): vm.Module {
    return make(path, () => {
      const source = scripts[path] as string;
      return new vm.SourceTextModule(source, {
        context: realm,
        identifier: path,
        importModuleDynamically: (specifier) => {
          pump();
          throw new OwnError(`import(${JSON.stringify(specifier)}): imports must be static`);
        },
      });
    });
  }

  /** Of a file of the bundle. */
  function resolveScript(specifier: string, from: string): vm.Module {
    if (BUILT_IN.includes(specifier)) return own(new URL(builtInPath(specifier), REALM));
    if (LEFT_OUT.includes(specifier))
      throw new Error(`the harness has no module "${specifier}", though the platform does`);
    const path = specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier.replace(/^\//, '');
    if (!specifier.endsWith('.js') || !Object.hasOwn(scripts, path)) {
      throw new SyntaxError(`${from}: Unknown built-in module: "${specifier}"`);
    }
    return script(path);
  }

  const link = (module: vm.Module): Promise<void> =>
    module.link((specifier, { identifier }) => {
      if (!identifier.startsWith('file:')) return resolveScript(specifier, identifier);
      return specifier.endsWith('bridge.js') ? theBridge() : own(new URL(specifier, identifier));
    });

  return {
    async loadMain() {
      const main = script('main.js') as vm.SourceTextModule;
      await link(main);
      return main;
    },
    async loadOwn(path) {
      const module = own(new URL(path, REALM));
      if (module.status === 'unlinked') await link(module);
      await module.evaluate();
      return module;
    },
  };
}

export const builtInPath = (name: string): string => `built-in/${name}.ts`;
