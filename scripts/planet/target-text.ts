/** How a target of the publisher stands, in a few words. */

export interface TargetStanding {
  readonly version: number | null;
  readonly state: string;
  /** In a row that came to nothing. */
  readonly attempts: number;
  readonly error?: string | undefined;
}

export function targetText({ version, state, attempts, error }: TargetStanding): string {
  const text = `${state}, version ${version ?? 'none'}`;
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const trouble = [...(attempts > 0 ? [tries] : []), ...(error === undefined ? [] : [error])].join(': ');
  return trouble === '' ? text : `${text} (${trouble})`;
}
