/** The users that every subject is measured with, in no subject's own format. */
import { ALPHANUMERIC, createRandom, type Random } from './random.ts';

export interface User {
  /** 40 ASCII characters. */
  readonly key: string;
  readonly plan: string;
  readonly country: string;
  readonly appVersion: string;
  readonly seats: number;
  readonly userAgent: string;
}

/** Countries of most users; no rule names them. */
const USUAL_COUNTRIES = ['US', 'DE', 'FR', 'GB', 'BR', 'IN', 'ES', 'IT', 'PL', 'NL'];
const RARE_COUNTRIES = ['DK', 'FI', 'IS', 'NO', 'SE', 'AT', 'CH', 'AU', 'NZ', 'JP', 'KR', 'TW'];
const RARE_BROWSERS = ['Edg/131.0.0.0', 'OPR/116.0.0.0', 'Firefox/133.0'];
const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0';

/** Users of whom about four in five match none of the rules of `SINGLES.rules`. */
export function someUsers(count: number): User[] {
  const random = createRandom(count + 77);
  const users = Array.from({ length: count }, () => someUser(random));
  // Through JSON, as users come: flat strings, objects with the shape that a parser gives them.
  return JSON.parse(JSON.stringify(users)) as User[];
}

function someUser(random: Random): User {
  const rare = (percent: number): boolean => random.below(100) < percent;
  return {
    key: random.text(40, ALPHANUMERIC),
    plan: rare(8) ? random.pick(['staff', 'trial', 'partner']) : random.pick(['free', 'pro', 'business']),
    country: rare(10) ? random.pick(RARE_COUNTRIES) : random.pick(USUAL_COUNTRIES),
    appVersion: rare(4) ? `5.2.${random.below(20)}` : `${1 + random.below(4)}.${random.below(30)}.${random.below(20)}`,
    seats: 1 + random.below(500),
    userAgent: rare(10) ? `${BROWSER} Safari/537.36 ${random.pick(RARE_BROWSERS)}` : `${BROWSER} Safari/537.36`,
  };
}
