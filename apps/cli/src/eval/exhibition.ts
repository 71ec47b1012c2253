import { encodePicture, pictureGrid, type Picture } from '@slipstream/pictures';
import type { Evaluation, Exhibit } from './evaluate.js';

/** Pictures of 40 prompts, vanilla above accelerated under the same seeds, and what they show, left to right. */
export interface Exhibition {
  readonly png: Uint8Array;
  readonly columns: number;
  readonly prompts: readonly string[];
}

const promptCount = 40;
const columns = 10;

interface Pair {
  readonly prompt: string;
  readonly vanilla: Picture;
  readonly accelerated: Picture;
}

/** Half names spread over the list, half categories under the first seed; when one kind is short, more of the other. */
export async function exhibit({ names, categories }: Evaluation['exhibits']): Promise<Exhibition> {
  const named = pairs(names);
  const open = firstOfEach(pairs(categories));
  const namedCount = Math.max(promptCount / 2, promptCount - open.length);
  const chosen = [
    ...spreadOut(named, namedCount),
    ...spreadOut(open, promptCount - Math.min(namedCount, named.length)),
  ];
  const rows: Picture[][] = [];
  for (let i = 0; i < chosen.length; i += columns) {
    const group = chosen.slice(i, i + columns);
    rows.push(
      group.map((pair) => pair.vanilla),
      group.map((pair) => pair.accelerated),
    );
  }
  const png = await encodePicture(pictureGrid(rows, { groups: { every: 2, gap: 12 } }), {
    format: 'png',
    background: 'opaque',
  });
  return { png, columns, prompts: chosen.map((pair) => pair.prompt) };
}

function pairs(shown: Exhibit | undefined): Pair[] {
  if (shown === undefined) return [];
  return shown.subjects.map(({ prompt }, i) => ({
    prompt,
    vanilla: shown.vanilla[i] as Picture,
    accelerated: shown.accelerated[i] as Picture,
  }));
}

function firstOfEach(all: readonly Pair[]): Pair[] {
  return all.filter((pair, i) => all.findIndex((other) => other.prompt === pair.prompt) === i);
}

/** At most `count` of a list, evenly spaced. */
function spreadOut<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);
}
