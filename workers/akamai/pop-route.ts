/** What a path of a POP asks for. Pure. */
import { LIVENESS } from '#http/pop-status';

export type PopRoute =
  /** Evaluation of the flag of that key; of all flags where there is none. */
  { readonly route: 'evaluation'; readonly key: string | undefined } | { readonly route: 'status' | 'none' };

/** Not every client encodes a slash in a key: all that follows is the key, whatever it is. */
const EVALUATION = /^\/ofrep\/v1\/evaluate\/flags(?:\/([\s\S]+))?$/;

/** `path` as it stands in the URL, without its query. */
export function popRoute(path: string): PopRoute {
  if (path === '/v1/status') return { route: 'status' };
  const evaluation = EVALUATION.exec(path);
  if (evaluation === null) return { route: 'none' };
  return { route: 'evaluation', key: evaluation[1] === undefined ? undefined : decoded(evaluation[1]) };
}

/** Whether a path is the POP's: all others are pages'. */
export const isPopPath = (path: string): boolean =>
  path === LIVENESS || path.startsWith('/ofrep/') || popRoute(path).route !== 'none';

/** What cannot be decoded stays as it is: there is no such flag, and the answer names it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
