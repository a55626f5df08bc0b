/** Runs the module that its argument names, for as long as the planet lives. */
import { pathToFileURL } from 'node:url';

process.on('disconnect', () => process.exit());
// Its parent may have gone before anybody listened.
if (!process.connected) process.exit();
await import(pathToFileURL(process.argv[2] as string).href);
