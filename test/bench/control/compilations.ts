/** How often anything is compiled while something is done. The engine counts the calls: nothing in the code is changed for it. */
import { Session } from 'node:inspector/promises';

const MODULE = '/shared/ruleset/write/compile-entry.ts';
const COMPILERS = ['compileFlag', 'compileSegment'];

export async function countCompilations(work: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const functions = result.filter(({ url }) => url.endsWith(MODULE)).flatMap((script) => script.functions);
    const compilers = functions.filter(({ functionName }) => COMPILERS.includes(functionName));
    return compilers.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
  } finally {
    session.disconnect();
  }
}
