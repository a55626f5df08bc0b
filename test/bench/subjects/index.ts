/** Loads a subject by name. Peers are loaded only when they are asked for: they need not be installed. */
import type { Subject, SubjectName } from '../subject.ts';

const LOADERS: Readonly<Record<SubjectName, () => Promise<Subject>>> = {
  lockstep: async () => (await import('./lockstep.ts')).lockstep,
  floor: async () => (await import('./floor.ts')).floor,
  launchdarkly: async () => (await import('../peers/launchdarkly.ts')).launchdarkly,
  growthbook: async () => (await import('../peers/growthbook.ts')).growthbook,
  'flagd-core': async () => (await import('../peers/flagd-core.ts')).flagdCore,
  unleash: async () => (await import('../peers/unleash.ts')).unleash,
  'vercel-flags-core': async () => (await import('../peers/vercel-flags-core.ts')).vercelFlagsCore,
};

export const loadSubject = (name: SubjectName): Promise<Subject> => LOADERS[name]();
