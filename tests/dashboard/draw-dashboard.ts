/** One panel with what its queries answered. */
export interface DrawnPanel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly { readonly legend: string; readonly points: readonly (readonly [atSeconds: number, value: number])[] }[];
}

export interface DrawnRow {
  readonly title: string;
  readonly panels: readonly DrawnPanel[];
}

const columns = 3;
const [width, height, gap, head] = [400, 210, 12, 30];
const plot = { left: 58, right: 12, top: 34, bottom: 44 };
const colours = ['#73bf69', '#f2cc0c', '#5794f2', '#ff780a', '#b877d9', '#f2495c', '#8ab8ff', '#c4a000'];
const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);

/** The dashboard as an SVG, laid out as Grafana does: three panels a line, rows below each other, one clock for all. */
export function drawDashboard(rows: readonly DrawnRow[], span: { readonly fromSeconds: number; readonly toSeconds: number }): string {
  let y = gap;
  const parts: string[] = [];
  for (const { title, panels } of rows) {
    parts.push(text(gap, y + 18, title, { size: 15, fill: '#d8d9da' }));
    y += head;
    panels.forEach((panel, index) => {
      const [x, line] = [gap + (index % columns) * (width + gap), Math.floor(index / columns)];
      parts.push(`<g transform="translate(${x} ${y + line * (height + gap)})">${drawPanel(panel, span)}</g>`);
    });
    y += Math.ceil(panels.length / columns) * (height + gap);
  }
  const total = columns * (width + gap) + gap;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${y}" width="${total}" height="${y}" font-family="Inter, Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#111217"/>${parts.join('\n')}</svg>\n`;
}

function drawPanel({ title, unit, lines }: DrawnPanel, { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number }): string {
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const top = niceTop(Math.max(...values, 0));
  const bottom = Math.min(0, ...values) < 0 ? -niceTop(-Math.min(...values)) : 0;
  const inner = { width: width - plot.left - plot.right, height: height - plot.top - plot.bottom };
  const at = ([seconds, value]: readonly [number, number]): string =>
    `${(plot.left + (inner.width * (seconds - fromSeconds)) / (toSeconds - fromSeconds)).toFixed(1)},${(plot.top + (inner.height * (top - value)) / (top - bottom)).toFixed(1)}`;
  const grid = [bottom, (top + bottom) / 2, top].map((value) => {
    const [, y] = at([fromSeconds, value]).split(',').map(Number);
    return `<path d="M${plot.left} ${y}h${inner.width}" stroke="#2c3235"/>${text(plot.left - 6, y! + 4, withUnit(value, unit), { size: 10, anchor: 'end' })}`;
  });
  const drawn = lines.map(({ points }, index) => `<polyline fill="none" stroke="${colours[index % colours.length]}" stroke-width="1.6" points="${points.map(at).join(' ')}"/>`);
  const empty = lines.length === 0 ? text(width / 2, height / 2, 'nothing of the kind happened', { size: 12, anchor: 'middle' }) : '';
  return `<rect width="${width}" height="${height}" rx="3" fill="#181b1f" stroke="#25292e"/>${text(12, 22, title, { size: 13, fill: '#ccccdc' })}${grid.join('')}${drawn.join('')}${empty}${legends(lines)}`;
}

/** As many as fit in one line. */
function legends(lines: DrawnPanel['lines']): string {
  let x = plot.left;
  return lines.map(({ legend }, index) => {
    if (x + 16 + legend.length * 5.6 > width) return '';
    const entry = `<path d="M${x} ${height - 18}h12" stroke="${colours[index % colours.length]}" stroke-width="3"/>${text(x + 16, height - 14, legend, { size: 10 })}`;
    x += 28 + legend.length * 5.6;
    return entry;
  }).join('');
}

function text(x: number, y: number, content: string, { size, fill = '#8e9096', anchor = 'start' }: { size: number; fill?: string; anchor?: string }): string {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= value * 0.999)!;
}

/** Of Grafana's units those that the dashboard uses. */
function withUnit(value: number, unit: string): string {
  const short = (each: number): string => String(Number(each.toPrecision(2)));
  if (unit === 's') return Math.abs(value) < 1 && value !== 0 ? `${short(value * 1000)} ms` : `${short(value)} s`;
  if (unit === 'percentunit') return `${short(value * 100)} %`;
  if (unit === 'Bps') return `${short(value / 1024)} KiB/s`;
  return short(value) + (unit === 'cps' || unit === 'reqps' ? '/s' : '');
}
