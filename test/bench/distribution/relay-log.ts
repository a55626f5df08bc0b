/** When a relay had which version in force, by its own log (milliseconds since 1970). */
export function appliedAt(log: string): ReadonlyMap<number, number> {
  const lines = log.split('\n').filter((line) => line.includes('"event":"applied"'));
  return new Map(
    lines.map((line) => {
      const { time, version } = JSON.parse(line) as { readonly time: string; readonly version: number };
      return [version, Date.parse(time)];
    }),
  );
}
