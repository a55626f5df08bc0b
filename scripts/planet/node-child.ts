/** Runs the module that its first argument names, with the others as its own, for as long as the planet lives. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

process.on('disconnect', () => process.exit());
// Its parent may have gone before anybody listened.
if (!process.connected) process.exit();
process.argv.splice(1, 1);
await import(pathToFileURL(resolve(process.argv[1] as string)).href);
