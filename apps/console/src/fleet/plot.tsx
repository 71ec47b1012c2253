export interface Series {
  readonly name: string;
  /** One for each point of time; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** A second line is drawn dashed: colour is not the only difference. */
  readonly second?: boolean;
}

export interface PlotProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly words: (value: number | null) => string;
  /** Where the axis begins and ends, in words. */
  readonly from: string;
  /** The top of the axis where all values are lower. */
  readonly atLeast?: number;
}

const [width, height, edge] = [300, 90, 4];

/** Lines over time. What it shows is in the table of the page as well. */
export function Plot({ title, series, words, from, atLeast = 0 }: PlotProps) {
  const all = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const top = Math.max(atLeast, ...all) || 1;
  const said = all.length === 0 ? 'nothing yet' : series.map((each) => latest(each, words)).join(', ');
  return (
    <figure className="plot">
      <figcaption><h2>{title}</h2><Keys series={series} words={words} /></figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${said}; at most ${words(all.length > 0 ? Math.max(...all) : null)} since ${from}`}>
        <line x1="0" y1={height - edge} x2={width} y2={height - edge} className="axis" />
        {series.map(({ name, values, second }) => <path key={name} d={pathOf(values, top)} className={second ? 'line second' : 'line'} />)}
      </svg>
      <div className="ends hint" aria-hidden="true"><span>{from}</span><span>top {words(top)}</span><span>now</span></div>
    </figure>
  );
}

/** Which line is which, and where it is now. */
function Keys({ series, words }: Pick<PlotProps, 'series' | 'words'>) {
  return <span className="hint">{series.map((each) => <span key={each.name} className={each.second ? 'key second' : 'key'}>{latest(each, words)}</span>)}</span>;
}

const latest = ({ name, values }: Series, words: PlotProps['words']): string => `${name} ${words(values.findLast((value) => value !== null) ?? null)}`;

/** One stroke for each stretch without a gap; a lonely point is a short one. */
function pathOf(values: Series['values'], top: number): string {
  const stepWidth = width / Math.max(1, values.length - 1);
  const yOf = (value: number): number => height - edge - (value / top) * (height - 2 * edge);
  let pen = 'M';
  return values.map((value, index) => {
    if (value === null) {
      pen = 'M';
      return '';
    }
    const at = `${(index * stepWidth).toFixed(1)} ${yOf(value).toFixed(1)}`;
    const lonely = pen === 'M' && (values[index + 1] ?? null) === null;
    const stroke = `${pen}${at}${lonely ? `h${index === 0 ? 5 : -5}` : ''}`;
    pen = 'L';
    return stroke;
  }).join('');
}
