import { useState } from 'react';
import { useServer } from '../page/server';
import { FleetFiguresView } from './figures';
import { FleetPlots } from './plots';
import { PointsTable, QualityTable, WorkersTable } from './tables';
import { useFleet, type Span } from './use-fleet';
import '../page/table.css';
import './fleet.css';

/** How the workers are, and were. */
export function Fleet() {
  const [span, setSpan] = useState<Span>('hour');
  const { state } = useServer();
  const fleet = useFleet(span);
  return (
    <section aria-labelledby="fleet-title" className="fleet">
      <div className="row between">
        <h1 id="fleet-title">Fleet</h1>
        <div className="span">
          <label htmlFor="span">Over</label>
          <select id="span" value={span} onChange={(event) => setSpan(event.target.value as Span)}>
            <option value="hour">the last hour</option>
            <option value="week">the last week</option>
          </select>
        </div>
      </div>
      {!fleet && state === 'here' && <p className="hint">Reading…</p>}
      {fleet && (
        <>
          {fleet.workers.length === 0 && <p className="notice">No worker tells of itself. What is asked for waits until one does.</p>}
          <FleetFiguresView fleet={fleet} />
          <FleetPlots fleet={fleet} />
          <WorkersTable workers={fleet.workers} />
          <QualityTable points={fleet.points} />
          <PointsTable points={fleet.points} span={span} />
        </>
      )}
    </section>
  );
}
