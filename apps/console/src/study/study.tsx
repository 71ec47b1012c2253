import { useRoute } from '../page/route';
import { Booth } from './booth';
import { Results } from './results';
import { Studies } from './studies';
import '../page/table.css';
import './study.css';

/** Blind comparisons: all of them, one to vote in, or what its votes say. */
export function Study() {
  const { rest: [id, part] } = useRoute();
  if (id === undefined) return <Studies />;
  return part === 'results' ? <Results id={id} /> : <Booth id={id} key={id} />;
}
