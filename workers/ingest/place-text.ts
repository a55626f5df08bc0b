/** Region, cloud and POP as one text. Places are printable ASCII, so that a line break is in none of them. */

export interface Place {
  readonly region: string;
  readonly cloud: string;
  readonly pop: string;
}

export const placeText = ({ region, cloud, pop }: Place): string => `${region}\n${cloud}\n${pop}`;

export function placeOf(text: string): Place {
  const [region = '', cloud = '', pop = ''] = text.split('\n');
  return { region, cloud, pop };
}
