import { type OperatorName, operators } from '#core/operators';

/** Whether an operator takes these values, and as many. The reader's decoder asks the same while it makes operands of them. */
export const takesValues = (name: OperatorName, values: readonly unknown[], ignoreCase: boolean): boolean =>
  (values.length === 0) === (name === 'exists') &&
  values.every((value) => operators[name].read(value, ignoreCase) !== undefined);
