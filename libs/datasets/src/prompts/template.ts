import { SlipstreamError } from '@slipstream/contracts';
import { promptRow, type PromptSource } from './prompt-row.js';

/**
 * Every combination of the lists in a text with `{name}` for each: the last list turns fastest. Nothing is kept but the lists.
 * Throws `invalid_request` where a name has no list, a list no name, or a list nothing in it.
 */
export function templatePrompts(template: string, lists: Readonly<Record<string, readonly string[]>>): PromptSource {
  const names = [...new Set([...template.matchAll(/\{([a-z_][a-z0-9_]*)\}/gi)].map(([, name]) => name!))];
  check(names.length > 0, 'the template has no {name} in it', 'write one for each list, as in "a {colour} cup"');
  for (const name of names) check((lists[name]?.length ?? 0) > 0, `the template's {${name}} has no list`, `give a list ${name} with at least one text`);
  for (const name of Object.keys(lists)) check(names.includes(name), `the list ${name} is not in the template`, `write {${name}} into it, or leave the list out`);
  const count = names.reduce((total, name) => total * lists[name]!.length, 1);
  check(Number.isSafeInteger(count), 'the lists have more combinations than can be counted', 'make them shorter');
  return {
    count,
    description: `${count} combinations of the template ${JSON.stringify(template)}`,
    async *rows() {
      for (let i = 0; i < count; i += 1) yield promptRow(i + 1, { prompt: combination(i) });
    },
  };

  function combination(number: number): string {
    const chosen = new Map<string, string>();
    let rest = number;
    for (const name of [...names].reverse()) {
      const list = lists[name]!;
      chosen.set(name, list[rest % list.length]!);
      rest = Math.floor(rest / list.length);
    }
    return template.replace(/\{([a-z_][a-z0-9_]*)\}/gi, (_, name: string) => chosen.get(name)!);
  }
}

function check(holds: boolean, fault: string, remedy: string): void {
  if (!holds) throw new SlipstreamError('invalid_request', fault, { param: 'template', remedy });
}
