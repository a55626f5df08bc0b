/** Looks at the addresses of the webhooks that a change brings, which deciders cannot judge: the setting of a Worker says what is allowed. */
import type { Command } from '#schema/control-command';
import type { WebhookRefusal } from './order.ts';

export function webhookRefusal(
  command: Command,
  addressFault: (url: string) => string | undefined,
): WebhookRefusal | undefined {
  for (const operation of operationsIn(command)) {
    if (operation.kind !== 'webhook' || operation.op !== 'put') continue;
    const message = addressFault(operation.body.url);
    if (message !== undefined) return { code: 'webhook-address', key: operation.key, message };
  }
  return undefined;
}

function operationsIn(command: Command) {
  if (command.type === 'found') return command.operations;
  return command.type === 'submit' || command.type === 'amend' ? command.change.operations : [];
}
