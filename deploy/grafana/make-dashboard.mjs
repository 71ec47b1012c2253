// Writes dashboards/slipstream.json: `node deploy/grafana/make-dashboard.mjs`. Change the panels here, not there.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const per = (metric, labels, window = '$__rate_interval') => `sum by (${labels}) (rate(${metric}[${window}]))`;
const quantile = (q, metric, labels = 'le') => `histogram_quantile(${q}, ${per(metric, labels)})`;
const mean = (metric, labels) => `${per(`${metric}_sum`, labels)} / ${per(`${metric}_count`, labels)}`;

/** Rows of panels: title, Grafana's unit, and queries with their legends. */
export const rows = {
  'Is it well?': [
    ['Generations ended, by how', 'cps', [[per('slipstream_requests_total', 'status'), '{{status}}']]],
    ['Backlog', 's', [['max(slipstream_backlog_device_seconds)', 'device-seconds']]],
    ['Generations in the queue', 'none', [['max by (state) (slipstream_backlog_jobs)', '{{state}}']]],
    ['From asking to picture', 's', [[quantile(0.5, 'slipstream_request_duration_seconds_bucket{status="completed"}'), 'median'], [quantile(0.95, 'slipstream_request_duration_seconds_bucket{status="completed"}'), '95 %']]],
    ['Wait in the queue', 's', [[quantile(0.5, 'slipstream_queue_wait_seconds_bucket'), 'median'], [quantile(0.95, 'slipstream_queue_wait_seconds_bucket'), '95 %']]],
    ['Answers of the API, by status', 'reqps', [[per('slipstream_http_requests_total{route=~"/v1/.*"}', 'status'), '{{status}}']]],
  ],
  'What the engines do': [
    ['Rows of all engines', 'none', [['sum(slipstream_engine_rows_in_use)', 'in use'], ['sum(slipstream_engine_capacity_rows)', 'there are'], ['sum(slipstream_engine_rows_waiting)', 'pictures waiting for one']]],
    ['Steps, by kind', 'cps', [[per('slipstream_steps_total', 'kind'), '{{kind}}']]],
    ['What a row of a step costs', 's', [['avg by (kind) (slipstream_step_cost_seconds)', '{{kind}}']]],
    ['Rows that share a run', 'none', [[mean('slipstream_batch_rows', 'kind'), '{{kind}}']]],
    ['Speed-up against every step full', 'none', [[quantile(0.5, 'slipstream_speedup_ratio_bucket', 'le, strategy'), '{{strategy}}, median']]],
    ['Engine time outside ONNX Runtime', 'percentunit', [['avg(slipstream_engine_outside_onnx_ratio)', 'share']]],
  ],
  'What comes of it': [
    ['Generations found in a cache', 'percentunit', [['sum(rate(slipstream_cache_requests_total{result="hit"}[$__rate_interval])) / sum(rate(slipstream_cache_requests_total{result=~"hit|miss"}[$__rate_interval]))', 'share']]],
    ['Failed tries, by code', 'cps', [[per('slipstream_generation_errors_total', 'code'), '{{code}}']]],
    ['Pictures stored', 'Bps', [[per('slipstream_pictures_stored_bytes_total', 'format'), '{{format}}']]],
    ['Audits, by outcome', 'cps', [[per('slipstream_audits_total', 'outcome'), '{{outcome}}']]],
    ['Score against every step full', 'none', [[mean('slipstream_audit_score_difference_points', 'strategy, scorer'), '{{strategy}}, {{scorer}}']]],
    ['Fallback level', 'none', [['max by (model, strategy) (slipstream_fallback_level)', '{{model}}, {{strategy}}']]],
    ['Webhooks not told yet, by state', 'none', [['max by (state) (slipstream_webhook_deliveries)', '{{state}}']]],
    ['Age of the oldest event in the outbox', 's', [['max(slipstream_webhook_outbox_oldest_seconds)', 'oldest']]],
    ['Attempts to tell webhooks, by outcome', 'cps', [[per('slipstream_webhook_attempts_total', 'outcome'), '{{outcome}}']]],
  ],
};

const datasource = { type: 'prometheus', uid: 'prometheus' };
const [columns, width, height] = [3, 8, 7];

function panel([title, unit, queries], { id, x, y }) {
  return {
    id, title, type: 'timeseries', datasource,
    gridPos: { x, y, w: width, h: height },
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 8, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(([expr, legendFormat], index) => ({ refId: 'ABC'[index], datasource, expr, legendFormat })),
  };
}

/** The dashboard as Grafana reads it. */
export function dashboard() {
  const panels = [];
  let y = 0;
  for (const [title, row] of Object.entries(rows)) {
    panels.push({ id: panels.length + 1, title, type: 'row', collapsed: false, gridPos: { x: 0, y: y++, w: 24, h: 1 }, panels: [] });
    row.forEach((each, index) => panels.push(panel(each, { id: panels.length + 1, x: (index % columns) * width, y: y + Math.floor(index / columns) * height })));
    y += Math.ceil(row.length / columns) * height;
  }
  // A score difference may be negative.
  delete panels.find(({ title }) => title === 'Score against every step full').fieldConfig.defaults.min;
  return { uid: 'slipstream', title: 'Slipstream', tags: ['slipstream'], schemaVersion: 39, version: 1, editable: false, refresh: '15s', time: { from: 'now-1h', to: 'now' }, timezone: 'browser', panels };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('dashboards/slipstream.json', import.meta.url), `${JSON.stringify(dashboard(), null, 2)}\n`);
}
