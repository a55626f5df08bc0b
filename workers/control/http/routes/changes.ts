/** Any list of operations as one change. */

import { CHANGE_ANSWERS, wireChange } from '../change-shapes.ts';
import { MAX_IMPORT } from '../read-request.ts';
import { defineRoute, type Route } from '../route.ts';
import { submitChange } from '../submit-change.ts';

const submit = defineRoute({
  ...{ method: 'post', path: '/v1/changes', id: 'submitChange', tag: 'changes', effect: 'change' },
  summary: 'Submit a change',
  description:
    'All of its operations, or none. Each says on which revision it was made (`base`; 0 of what is new). Applied at once where no policy asks for anybody else; otherwise it becomes a change request.',
  access: { action: 'edit', or: ['administer'], over: 'namespace', roles: 'policy' },
  body: {
    schema: wireChange,
    maxBytes: MAX_IMPORT,
    example: {
      operations: [{ op: 'put', kind: 'project', key: 'checkout', base: 0, body: { name: 'Checkout' } }],
      justification: 'The new checkout has flags of its own.',
    },
  },
  answers: CHANGE_ANSWERS,
  handle: (api, call) => submitChange(api, call, call.body),
});

export const changeRoutes: readonly Route[] = [submit];
