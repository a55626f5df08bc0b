/** Which flags an SDK key sees: those of its namespaces, a key's namespace being all of it up to the first dot, in any case. Pure. */

/** Namespaces in lower case. Undefined stands for all of them. */
export type FlagScope = readonly string[] | undefined;

export const isInScope = (key: string, scope: FlagScope): boolean =>
  scope?.includes((key.split('.', 1)[0] as string).toLowerCase()) ?? true;
