import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { endPlanets, newState, oneAtATime, planetFile, START_DEADLINE_MS } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { descendants, isRunning, kill, NODE, ROOT } from './fixtures/processes.ts';

/** Whether what is installed is what the lock file says; else `run.mjs` would first install it. */
function isInstalled(): boolean {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  try {
    return readFileSync(join(ROOT, 'node_modules', '.lockstep-installed'), 'utf8') === lock;
  } catch {
    return false;
  }
}

const started: ChildProcess[] = [];

/** As a terminal runs `npm start`: in a process group of its own. */
async function run(args: readonly string[], state: string) {
  const env = { ...process.env, LOCKSTEP_STATE: state, NO_COLOR: '1' };
  const child = spawn(NODE, [join(ROOT, 'scripts/run.mjs'), ...args], { detached: true, env, stdio: 'pipe' });
  started.push(child);
  let stderr = '';
  child.stdout.resume();
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { pid: child.pid as number, exited, stderr: () => stderr };
}

afterAll(async () => {
  for (const { pid = 0 } of started.filter((one) => one.exitCode === null && one.signalCode === null)) {
    for (const one of [...descendants(pid), pid]) kill(one);
  }
  await endPlanets();
});

describe.runIf(isInstalled())('what npm runs', () => {
  // What is passed on ends the same whatever is below: one of them is the whole planet.
  it.each<[string, readonly string[], (pid: number) => void]>([
    ['Ctrl-C, which the whole process group gets', [], (pid) => process.kill(-pid, 'SIGINT')],
    ['SIGTERM, which it passes on', ['--no-services'], (pid) => process.kill(pid, 'SIGTERM')],
    ['SIGHUP, which it passes on', ['--no-services'], (pid) => process.kill(pid, 'SIGHUP')],
  ])('leaves nothing of a planet at %s', async (_, args, signal) => {
    const state = await newState();
    const npm = await oneAtATime(async () => {
      const one = await run(['scripts/start.ts', ...args], state);
      await until(
        'the planet is ready',
        async () => ((await planetFile(state))?.ready ? true : undefined),
        START_DEADLINE_MS,
      );
      return one;
    });
    const pids = [npm.pid, ...descendants(npm.pid)];
    expect(pids.length).toBeGreaterThan(2);
    signal(npm.pid);
    await npm.exited;
    await until('nothing of it runs', () => !pids.some(isRunning));
    expect(await planetFile(state)).toBeUndefined();
  });

  it('gives the exit code of what it ran, and hands every argument on as it is', async () => {
    const npm = await run(['scripts/cli/lockstep.ts', 'lint', '/no such/folder  *'], await newState());
    expect(await npm.exited).toBe(1);
    expect(npm.stderr()).toContain('/no such/folder  *: no such file or folder');
  });
});
