import { ages, statuses, type Filter } from './filter';

export function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  return (
    <form className="filters" role="search" aria-label="Narrow the gallery" onSubmit={(event) => event.preventDefault()}>
      <div>
        <label htmlFor="filter-status">Status</label>
        <select id="filter-status" value={filter.status} onChange={(event) => onChange({ ...filter, status: event.target.value as Filter['status'] })}>
          <option value="">any</option>
          {statuses.map((status) => <option key={status} value={status}>{status.replace('_', ' ')}</option>)}
        </select>
      </div>
      <div>
        <label htmlFor="filter-age">Asked for</label>
        <select id="filter-age" value={filter.age} onChange={(event) => onChange({ ...filter, age: event.target.value as Filter['age'] })}>
          {Object.keys(ages).map((age) => <option key={age} value={age}>{age === 'ever' ? 'at any time' : `in the ${age}`}</option>)}
        </select>
      </div>
      <div>
        <label htmlFor="filter-prompt">Prompt has</label>
        <input id="filter-prompt" type="search" maxLength={256} value={filter.prompt} onChange={(event) => onChange({ ...filter, prompt: event.target.value })} />
      </div>
    </form>
  );
}
