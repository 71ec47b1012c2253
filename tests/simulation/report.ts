import type { Finding, Scale } from './experiment.js';

/** The findings as a document; plots lie beside it. */
export function report(findings: readonly Finding[], { seed, fleet, devices }: Scale): string {
  const intro = [
    '# Simulation',
    '',
    `\`npm run simulation\` drives the scheduler, the admission and the fair queue that serve requests, in simulated time with seed ${seed}. Steps take as long as an earlier bundle's did, with four full ones a picture (tests/simulation/step-costs.ts), times 24, so that a device makes about a picture a second: a larger model with the same proportions. Requests are of 1, 4 or 10 pictures; people come by a daily curve, bulk tenants in bursts of 50 to 5,000 requests; the size of both falls by rank (Zipf, 1.1). The large run has ${fleet} devices, comparisons have ${devices}.`,
    '',
  ];
  return [...intro, ...findings.flatMap(section)].join('\n');
}

function section({ title, setting, head, rows, plots = [] }: Finding): string[] {
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [`## ${title}`, '', setting, '', ...table, '', ...plots.flatMap(({ name, title: caption }) => [`![${caption}](${name}.svg)`, ''])];
}
