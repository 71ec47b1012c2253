/* docs/gpu/h200.json -> docs/gpu/steps.svg: milliseconds a row of full and shortcut steps, by rows of a run. */
import { readFile, writeFile } from 'node:fs/promises';
import { init } from 'echarts';

const folder = new URL('../docs/gpu/', import.meta.url);
const { measures } = JSON.parse(await readFile(new URL('h200.json', folder), 'utf8'));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ONE = 'masked attention as one operator';
const LINES = [
  ['PyTorch bf16, compiled', '#2a7f62', (each) => each.by === 'pytorch bf16'],
  ['PyTorch TF32', '#7fb069', (each) => each.by === 'pytorch tf32'],
  ['cuda, features to the host', '#e6aa68', (each) => each.by === 'cuda' && each.graph !== ONE],
  ['webgpu, features on the device', '#3d5a80', (each) => each.by === 'webgpu' && each.features === 'device' && (each.kind === 'full' || each.graph === ONE)],
  ['webgpu, features to the host', '#98c1d9', (each) => each.by === 'webgpu' && each.features === 'host' && (each.kind === 'full' || each.graph === ONE)],
];

const grids = [{ left: 70, top: 60, width: 330, height: 300 }, { left: 480, top: 60, width: 330, height: 300 }];
const chart = init(null, null, { renderer: 'svg', ssr: true, width: 840, height: 470 });
chart.setOption({
  animation: false, backgroundColor: '#fff', grid: grids, legend: { bottom: 0, data: LINES.map(([name]) => name) },
  title: ['full step, ms a row', 'shortcut step, ms a row'].map((text, i) => ({ text, left: grids[i].left, top: 20, textStyle: { fontSize: 14 } })),
  xAxis: grids.map((_, gridIndex) => ({ gridIndex, type: 'category', name: 'rows of a run', nameLocation: 'middle', nameGap: 28, data: [1, 2, 4, 8, 16, 32] })),
  yAxis: grids.map((_, gridIndex) => ({ gridIndex, type: 'log', min: gridIndex === 0 ? 1 : 0.1 })),
  series: ['full', 'shortcut'].flatMap((kind, at) => LINES.map(([name, colour, picks]) => ({
    name, type: 'line', xAxisIndex: at, yAxisIndex: at, color: colour,
    data: measures.filter((each) => each.kind === kind && picks(each)).map((each) => [String(each.rows), median(each.milliseconds) / each.rows]),
  }))),
});
await writeFile(new URL('steps.svg', folder), chart.renderToSVGString());
chart.dispose();
