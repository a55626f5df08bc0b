import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

// Tests start some two hundred Node processes, which all load the same: compiled once, it is not compiled again.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

// Nothing is asked beyond this machine: certificates of the network around it would be handed to each workerd, one by one.
delete process.env['NODE_EXTRA_CA_CERTS'];

/** The only one that mocks a module, which another file may have loaded before. */
const MOCKING = 'test/unit/control-worker/http/preview.test.ts';

/** What is waited for comes: how long a slow machine takes to it is no matter. */
const expect = { poll: { timeout: 30_000 } };

/**
 * Four projects: what runs in one process of Node, what starts processes there, what does its worst to them, and what runs inside workerd.
 * None needs the network.
 */
export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    // Much of what the tests do is wait: on two cores, one file at a time would leave one and a half of them idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'pure',
          include: ['test/{unit,conformance}/**/*.test.ts'],
          exclude: [MOCKING],
          // Files leave nothing behind, and what they spied on is put back: what they all load is loaded once a process, not once a file.
          isolate: false,
          restoreMocks: true,
          unstubGlobals: true,
          unstubEnvs: true,
          expect,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/{e2e,edgeworkers}/**/*.test.ts', MOCKING],
          globalSetup: 'test/e2e/fixtures/shared-planet-setup.ts',
          expect,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          expect,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './test/workers/fixtures/worker.ts',
            miniflare: {
              compatibilityDate: '2026-11-02',
              kvNamespaces: ['RULESETS'],
              r2Buckets: ['ARCHIVE'],
              durableObjects: {
                INBOX: { className: 'Inbox', useSQLite: true },
                ARCHIVING_INBOX: { className: 'ArchivingInbox', useSQLite: true },
                COHORTS: { className: 'CohortShard', useSQLite: true },
                CHANNEL: { className: 'Channel', useSQLite: true },
                ORGANISATION: { className: 'Organisation', useSQLite: true },
              },
            },
          }),
        ],
        test: {
          name: 'workers',
          include: ['test/workers/**/*.test.ts'],
          expect,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
