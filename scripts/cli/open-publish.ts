/** Change requests that publishes have opened, and that nobody has approved yet. */
import type { Page } from './control/answers.ts';
import type { RequestAnswer } from './control/request-text.ts';
import { type ControlClient, pathOf } from './control-client.ts';

const PAGE = 500;

/** The one that is just that change: whoever publishes it once more has it waiting already. */
export async function waitingRequest(control: ControlClient, hash: string): Promise<string | undefined> {
  let cursor: string | undefined;
  do {
    const query = { status: 'open', limit: PAGE, ...(cursor && { cursor }) };
    const { items, next } = await control.must<Page<RequestAnswer>>({ path: pathOf('change-requests'), query });
    const found = items.find((one) => one.hash === hash);
    if (found !== undefined) return found.id;
    cursor = next;
  } while (cursor !== undefined);
  return undefined;
}

/** Where it is not approved meanwhile; then it is gone, and so it may be for any other reason. */
export async function withdrawRequest(control: ControlClient, id: string, reason: string): Promise<void> {
  const path = pathOf('change-requests', id, 'withdraw');
  await control.ask({ method: 'POST', path, body: { reason } });
}
