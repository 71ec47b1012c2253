import type { CastVote } from '@slipstream/contracts';

const columns = ['at', 'candidate', 'baseline', 'prompt', 'seed', 'candidate_side', 'choice', 'outcome', 'voter'] as const satisfies readonly (keyof CastVote)[];

/** RFC 4180. A cell that a spreadsheet would take for a formula is made a text. */
export function votesCsv(votes: readonly CastVote[]): string {
  const rows = votes.map((vote) => columns.map((column) => cell(vote[column])).join(','));
  return [columns.join(','), ...rows].map((row) => `${row}\r\n`).join('');
}

function cell(value: string | number | null): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
