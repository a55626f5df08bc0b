/** `lockstep lint`: whether authored flags would compile. */
import { issueText } from '#ruleset/write/yaml-file';
import { compileFlags } from './flags-folder.ts';

export async function lint(path: string, { json }: { readonly json: boolean }): Promise<number> {
  const compiled = await compileFlags(path, [], 1);
  const issues = compiled.ok ? [] : compiled.error;
  if (json) console.log(JSON.stringify({ ok: compiled.ok, issues }, null, 2));
  else if (compiled.ok) console.log(`${compiled.value.entries.length} entries, no issue`);
  else console.error(`${issueText(issues)}\n${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`);
  return compiled.ok ? 0 : 1;
}
