/** A process that makes one decision by what lies on its disk, and prints when (milliseconds since it began). */
import { createLockstepClient } from '#sdk/node/create-lockstep-client';

const [folder = '', environment = '', publicKeys = '', flag = ''] = process.argv.slice(2);
const client = createLockstepClient({
  ...{ url: 'http://127.0.0.1:9', key: 'server', environment, folder, publicKeys: JSON.parse(publicKeys) },
});
await client.ready();
const { reason, errorCode } = client.flagsFor({ targetingKey: 'user-1' }).booleanDetails(flag, false);
const at = performance.now();
if (errorCode !== undefined) throw new Error(`${flag}: ${reason} ${errorCode}`);
console.log(at);
process.exit(0);
