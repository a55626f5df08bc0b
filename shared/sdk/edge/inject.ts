/** Puts decisions into a page, so that its code has them before it asks. */

/** The id of the element that holds them. */
export const DECISIONS_ID = 'lockstep-decisions';

/** As much of HTMLRewriter (Workers) as is used. */
interface Rewriter {
  on(selector: string, handlers: { element(element: Element): void }): Rewriter;
  onDocument(handlers: { end(end: { append: Insert }): void }): Rewriter;
  transform(response: Response): Response;
}

interface Element {
  /** Is not called where no end tag closes the element: HTML allows to leave it out. */
  onEndTag(handler: (tag: { before: Insert }) => void): void;
}

type Insert = (content: string, options: { readonly html: boolean }) => unknown;

declare const HTMLRewriter: new () => Rewriter;

/** The page with a script element of data at the end of its head, or at its own end where it has no head, or one that is not closed. */
export function injectDecisions(page: Response, decisions: object): Response {
  const element = `<script type="application/json" id="${DECISIONS_ID}">${scriptSafeJson(decisions)}</script>`;
  let isIn = false;
  const insert = (write: Insert): void => {
    if (!isIn) write(element, { html: true });
    isIn = true;
  };
  return new HTMLRewriter()
    .on('head', {
      element(head) {
        head.onEndTag((tag) => insert((content, options) => tag.before(content, options)));
      },
    })
    .onDocument({ end: (end) => insert((content, options) => end.append(content, options)) })
    .transform(page);
}

/**
 * JSON that cannot end its script element, open a comment in it, or be misread in another encoding: everything that HTML could take
 * for its own, and everything beyond ASCII, is escaped. Source: html.spec.whatwg.org, "Restrictions for contents of script elements".
 */
export const scriptSafeJson = (value: object): string =>
  JSON.stringify(value).replace(/[<>&']|[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
