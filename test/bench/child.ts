/**
 * One subject in one case, in a process of its own, so that no other subject's types reach its inline caches.
 * Started by `fleet.ts`, which asks for one round after another in turn with the other subjects' processes.
 */
import { type CaseName, isDecoding } from './cases.ts';
import { prepareDecoding } from './measure/decoding.ts';
import { prepareEvaluation } from './measure/evaluation.ts';
import type { Answer, Question } from './measure/protocol.ts';
import type { SubjectName } from './subject.ts';

const [name, subject] = process.argv.slice(2) as [CaseName, SubjectName];

const answer = (message: Answer): void => {
  process.send?.(message);
};

const answerWith = (found: Promise<Answer>): void => {
  found.then(answer, fail);
};

function fail(error: unknown): void {
  answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

try {
  const bench = isDecoding(name) ? await prepareDecoding(name, subject) : await prepareEvaluation(name, subject);
  process.on('message', (question: Question) => {
    if (question === 'round') answerWith(bench.round().then((ns) => ({ ns })));
    else if (question === 'memory') answerWith(bench.memory().then((memory) => ({ memory })));
    else process.disconnect();
  });
  answer({ ready: true });
} catch (error) {
  fail(error);
}
