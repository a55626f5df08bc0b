/** Any list of operations as one change, and who of a sample it would serve something else. */
import type { PreviewedFlag } from '#control/preview-change';
import type { Place } from '#core/context';
import { CommandError } from '../command-error.ts';
import { createProgress } from '../progress.ts';
import { readChange } from './change-file.ts';
import { fileText } from './file-text.ts';
import {
  type ControlOptions,
  type EnvironmentOptions,
  environmentOf,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { previewText, type Sample, samplesOf, sum } from './preview-text.ts';
import { print } from './print.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';

export const submitChange = (file: string, options: WriteOptions): Promise<number> =>
  withControl(options, async (control) => {
    const { operations } = await readChange(file);
    const body = { operations, ...reasonsOf(options) };
    return submit(control, { method: 'POST', path: '/v1/changes', body, deadlineMs: 120_000 }, options, operations);
  });

interface PreviewAnswer {
  readonly flags: readonly PreviewedFlag[];
}

export const preview = (
  file: string,
  options: ControlOptions & EnvironmentOptions & Place & { readonly contexts: string },
): Promise<number> =>
  withControl(options, async (control) => {
    const { operations } = await readChange(file);
    const environment = environmentOf(options, control);
    const { region, cloud, pop } = options;
    const place = { region, cloud, pop };
    const samples = samplesOf(await fileText(options.contexts), options.contexts);
    const progress = createProgress();
    const pages: { readonly sample: Sample; readonly flags: readonly PreviewedFlag[] }[] = [];
    for (const sample of samples) {
      const body = { environment, operations, contexts: sample.contexts, place };
      const { flags } = await control.must<PreviewAnswer>({
        method: 'POST',
        path: '/v1/preview',
        body,
        deadlineMs: 60_000,
      });
      pages.push({ sample, flags });
      progress.tell(`${sample.first + sample.contexts.length} contexts`);
    }
    progress.end();
    if (pages.length === 0) throw new CommandError(`${options.contexts}: holds no context`);
    const flags = sum(pages);
    print(options.json, { environment, flags }, () => previewText(flags));
    return 0;
  });
