import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Estimate } from '@slipstream/quality';
import type { GapError } from './forced-steps.js';
import type { ArmReport } from './report.js';

use([ScatterChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** One for each strategy, told apart by eyes of every kind as far as ten can be. */
const COLOURS = ['#222222', '#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f3c8d', '#8c6d31', '#999999'];

const SIZE = { width: 860, height: 520 };

/** A metric against measured seconds, a point each arm and a line through the arms of one strategy, as in the paper's figure. */
export function plotAgainstSeconds(title: string, arms: readonly ArmReport[], valueOf: (arm: ArmReport) => Estimate): string {
  const strategies = [...new Set(arms.map(({ arm }) => arm.sampling.strategy))];
  const series = strategies.map((name) => ({
    name,
    type: 'line' as const,
    symbolSize: 9,
    data: arms
      .filter(({ arm }) => arm.sampling.strategy === name && !arm.rerun)
      .sort((a, b) => a.seconds.median - b.seconds.median)
      .map((each) => ({ value: [each.seconds.median, valueOf(each).value], label: { show: true, formatter: labelOf(each), fontSize: 10, position: 'top' as const } })),
  }));
  return draw({ title, x: { name: 'seconds a picture', type: 'log' }, y: { name: title }, series });
}

/** An error of each method against the gap. */
export function plotGaps(title: string, gaps: readonly GapError[], valueOf: (error: GapError) => number): string {
  const methods = [...new Set(gaps.map(({ method }) => method))];
  const series = methods.map((name) => ({ name, type: 'line' as const, data: gaps.filter(({ method }) => method === name).map((error) => [error.gap, valueOf(error)]) }));
  return draw({ title, x: { name: 'steps since the full one', type: 'value' }, y: { name: title }, series });
}

function draw({ title, x, y, series }: { title: string; x: { name: string; type: 'log' | 'value' }; y: { name: string }; series: object[] }): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  const axis = { nameLocation: 'middle', nameGap: 32, scale: true };
  chart.setOption({
    animation: false,
    color: COLOURS,
    backgroundColor: '#ffffff',
    title: { text: title, left: 16, top: 8, textStyle: { fontSize: 14 } },
    legend: { top: 34 },
    grid: { left: 70, right: 30, top: 80, bottom: 60 },
    xAxis: { ...axis, ...x },
    yAxis: { ...axis, ...y, nameGap: 48 },
    series,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function labelOf({ arm: { sampling, id } }: ArmReport): string {
  if (sampling.strategy === 'vanilla') return `N${sampling.steps}`;
  return id.includes('-b') ? `B${sampling.budget}` : '';
}
