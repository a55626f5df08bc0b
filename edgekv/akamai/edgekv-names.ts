/** What EdgeKV takes in names; a namespace does not begin with `-`. Source: techdocs.akamai.com/edgekv/docs/limits. */
const MAX_NAME = { namespace: 32, group: 128, item: 512 } as const;

export type EdgeKvNamed = keyof typeof MAX_NAME;

/** What a name must be, where it is not that; undefined where it is. */
export function edgeKvNameFault(of: EdgeKvNamed, name: string): string | undefined {
  const isNamespace = of === 'namespace';
  const most = MAX_NAME[of];
  if (/^[\w-]+$/.test(name) && name.length <= most && !(isNamespace && name.startsWith('-'))) return undefined;
  return `must be 1 to ${most} of A-Z a-z 0-9 _ -${isNamespace ? ', the first no -' : ''}`;
}
