/** Who visits: a random name in a cookie of the site's own, so that somebody without an account keeps what they were served. */
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

const COOKIE = 'visitor';
const YEAR_SECONDS = 365 * 86_400;
/** A name of this Worker's making: with one of their own choice, visitors could pose as users that a flag targets by key. */
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The name that the cookie holds, or a new one, which the answer then sets. */
export function visitorOf(c: Context): string {
  const known = getCookie(c, COOKIE);
  if (known !== undefined && NAME.test(known)) return known;
  const name = crypto.randomUUID();
  setCookie(c, COOKIE, name, { maxAge: YEAR_SECONDS, path: '/', httpOnly: true, secure: true, sameSite: 'Lax' });
  return name;
}
