import type { Estimate } from '@slipstream/quality';
import { armNames } from './arm.js';
import type { Evaluation } from './evaluate.js';
import type { CategoriesFigure, NamesFigure } from './figures.js';

const percent = ({ value, interval }: Estimate): string =>
  `${(value * 100).toFixed(1)} % (${(interval.low * 100).toFixed(1)}–${(interval.high * 100).toFixed(1)})`;

const points = ({ value, interval }: Estimate): string =>
  `${(value * 100).toFixed(1)} points (${(interval.low * 100).toFixed(1)} to ${(interval.high * 100).toFixed(1)})`;

const length = ({ value, interval }: Estimate): string =>
  `${value.toFixed(3)} (${interval.low.toFixed(3)}–${interval.high.toFixed(3)})`;

/** The evaluation for people; brackets hold 95 % intervals. */
export function formatEval({ settings, names, categories, secondsPerPicture, verdicts }: Evaluation): string[] {
  const { vanilla, accelerated, fewStep } = settings;
  return [
    `vanilla ${vanilla.steps} full steps; accelerated ${accelerated.strategy}, ${accelerated.budget} of ${accelerated.steps} steps full; few-step vanilla ${fewStep?.steps ?? 'not run'}`,
    ...(names === undefined ? [] : nameLines(names)),
    ...(categories === undefined ? [] : categoryLines(categories, secondsPerPicture)),
    ...verdicts.map(({ requirement, passed, measured }) => `${passed ? 'PASS' : 'FAIL'}  ${requirement}: ${measured}`),
  ];
}

function nameLines({ prompts, vanilla, accelerated, difference }: NamesFigure): string[] {
  return [
    `right picture nearest, ${prompts} names`,
    `  vanilla      ${percent(vanilla)}`,
    `  accelerated  ${percent(accelerated)}, ${points(difference)} paired`,
  ];
}

function categoryLines(figure: CategoriesFigure, seconds: Evaluation['secondsPerPicture']): string[] {
  const { prompts, seedsPerPrompt, arms, acceleratedMinusVanilla, fewStepMinusAccelerated, noiseFloor } = figure;
  return [
    `mean distance to the nearest reference picture, ${prompts} categories × ${seedsPerPrompt} seeds`,
    ...armNames.map((name) => {
      const { distance, coverage, inCategory } = arms[name];
      return `  ${name.padEnd(12)} ${length(distance)}, ${coverage} distinct, in category ${percent(inCategory)}, ${(seconds[name] ?? NaN).toFixed(3)} s/picture`;
    }),
    `  accelerated − vanilla ${length(acceleratedMinusVanilla)}, noise of two vanilla runs ${noiseFloor.toFixed(3)}`,
    `  few-step − accelerated ${length(fewStepMinusAccelerated)}`,
  ];
}
