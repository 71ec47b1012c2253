import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot } from './experiment.js';

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Lines as an SVG document. */
export function draw({ title, x, y, logY = false, series }: Plot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 420 });
  const axis = { nameLocation: 'middle' as const, scale: true };
  chart.setOption({
    animation: false,
    color: ['#0072b2', '#d55e00', '#009e73', '#cc79a7'],
    backgroundColor: '#ffffff',
    title: { text: title, left: 16, top: 8, textStyle: { fontSize: 14 } },
    legend: { top: 34 },
    grid: { left: 70, right: 30, top: 70, bottom: 50 },
    xAxis: { ...axis, type: 'value', name: x, nameGap: 30 },
    yAxis: { ...axis, type: logY ? 'log' : 'value', name: y, nameGap: 48 },
    series: series.map(({ name, points }) => ({ name, type: 'line' as const, symbolSize: 4, data: points.map((point) => [...point]) })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
