import type { DatasetPlan } from '@slipstream/contracts';
import type { DatasetSummary } from './manifest.js';

/** The README.md of a data set, with the front matter that hubs of data sets read. */
export function datasetCard({ plan, counts, shards, tarBytes, duplicates }: DatasetSummary): string {
  const { name, bundle, settings, prompts, filters } = plan;
  const budget = settings.budget < settings.steps ? `, ${settings.budget} of them full` : '';
  const shape = shards === 1 ? `${name}-000000.tar` : `${name}-{000000..${String(shards - 1).padStart(6, '0')}}.tar`;
  return `---
pretty_name: ${JSON.stringify(name)}
tags: [synthetic, webdataset]
configs:
  - config_name: default
    data_files: "*.tar"
---

# ${name}

${counts.successes} synthetic pictures with their prompts, made by the model \`${bundle.name}\`.

| | |
|---|---|
| samples | ${counts.count}: ${counts.successes} in the tars, ${counts.failed} failed, ${counts.dropped} dropped |
| shards | ${shards}, \`${shape}\` |
| bytes in tars | ${tarBytes} |
| prompts | ${prompts.count} rows of ${escaped(prompts.source)}${prompts.faulty > 0 ? `; not a prompt: ${prompts.faulty}` : ''}; ${plan.picturesPerPrompt} ${plan.picturesPerPrompt === 1 ? 'picture' : 'pictures'} each |
| sampling | ${settings.strategy}, ${settings.steps} steps${budget}; guidance ${settings.guidance}, temperature ${settings.temperature} |
| seed | ${plan.seed} |
| bundle | ${bundle.digest} |

## What is in it

Each sample of a tar is a picture (\`.${settings.outputFormat === 'jpeg' ? 'jpg' : settings.outputFormat}\`), its prompt (\`.txt\`) and what is known of it (\`.json\`), under one key. Beside each tar lies a Parquet table with a row for every sample of the shard, those that are not in the tar included, with the reason; and \`_stats.json\`, its counts. \`manifest.json\` has the SHA-256 of every file and all settings.

\`\`\`python
import webdataset
for sample in webdataset.WebDataset("${shape}").decode("pil").to_tuple("${settings.outputFormat === 'jpeg' ? 'jpg' : settings.outputFormat}", "txt", "json"):
    ...
\`\`\`

## What was left out

${filterLines(filters).join('\n')}

| what became of samples | how many |
|---|---|
${Object.entries(counts.status_dict).map(([kind, count]) => `| ${kind} | ${count} |`).join('\n')}
${duplicates ? `\n\`${duplicates.file}\` lists ${duplicates.count} kept pictures whose pixels another shard has as well.\n` : ''}
## Made again

The same plan (\`manifest.json\`, \`plan\`), prompts and bundle give the same bytes. The pictures are made by a model and show what it learned; the licences of its training data are in the bundle's manifest.
`;
}

function filterLines({ minScore, exactDuplicates, nearDuplicates }: DatasetPlan['filters']): string[] {
  const lines = [
    minScore && `- Pictures to which the scorer \`${minScore.scorer}\` gives less than ${minScore.value} of 100.`,
    exactDuplicates && '- Of pictures with equal pixels in one shard, all but the first.',
    nearDuplicates !== undefined && `- Of pictures in one shard whose 64-bit difference hashes differ in at most ${nearDuplicates} bits, all but the first.`,
  ].filter((line) => typeof line === 'string');
  return lines.length > 0 ? lines : ['No filter was set.'];
}

/** A text from outside inside a table. */
const escaped = (text: string): string => text.replace(/[|<>`\n\r]/g, ' ').slice(0, 200);
