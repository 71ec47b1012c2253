import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetCounts, WorkerState } from '@slipstream/queue';
import type { StepReport } from '@slipstream/runtime';
import { FleetTeller } from './fleet-teller.js';

let ran: (report: Pick<StepReport, 'kind' | 'rows' | 'seconds'>) => void;
let anchors: { hits: number; misses: number; sizeBytes: number };
let told: { state: WorkerState; counts: FleetCounts }[];
let away: boolean;
let left: string[];
let teller: FleetTeller;

beforeEach(() => {
  [anchors, told, away, left] = [{ hits: 0, misses: 0, sizeBytes: 0 }, [], false, []];
  const engine = {
    digest: 'b', capacity: 8,
    on: (listener: (report: StepReport) => void) => ((ran = listener as typeof ran), () => {}),
    stats: () => ({ rowsInUse: 3, waiting: 1, anchors }),
  } as any;
  const board = {
    report: async (state: WorkerState, counts: FleetCounts) => { if (away) throw new Error('away'); told.push({ state, counts }); },
    leave: async (id: string) => void left.push(id),
    close: () => {},
  };
  teller = new FleetTeller({ engine, board, costs: () => ({ fullSeconds: 0.4, shortcutSeconds: 0.1 }), spareRows: () => 5 });
});
afterEach(() => teller.close());

describe('the teller', () => {
  it('tells what ran since the last time, predicted steps of any kind as shortcut steps', async () => {
    for (const kind of ['full', 'shortcut', 'anchored', 'tail', 'head', 'decode'] as const) ran({ kind, rows: 2, seconds: 0.5 });
    teller.made();
    anchors = { ...anchors, hits: 4, misses: 1 };
    await teller.tell();
    ran({ kind: 'full', rows: 1, seconds: 0.25 });
    await teller.tell();
    expect(told[0]).toMatchObject({ state: { capacity: 8, rowsInUse: 3, waiting: 1, fullSeconds: 0.4 }, counts: { 'steps:full': 2, 'steps:shortcut': 6, 'seconds:full': 0.5, stepSeconds: 2.5, pictures: 1, anchorHits: 4, anchorMisses: 1, rowsInUse: 3, capacity: 8, spareRows: 5 } });
    expect(told[1]!.counts).toEqual({ 'steps:full': 1, 'seconds:full': 0.25, stepSeconds: 0.25, anchorHits: 0, anchorMisses: 0, rowsInUse: 3, capacity: 8, spareRows: 5 });
    expect(told[1]!.state.id).toBe(told[0]!.state.id);
  });

  it('tells what could not be told the next time, and no reading of rows twice', async () => {
    away = true;
    ran({ kind: 'full', rows: 2, seconds: 1 });
    anchors = { ...anchors, hits: 2 };
    await teller.tell();
    away = false;
    ran({ kind: 'full', rows: 1, seconds: 1 });
    await teller.tell();
    expect(told.map(({ counts }) => counts)).toEqual([{ 'steps:full': 3, 'seconds:full': 2, stepSeconds: 2, anchorHits: 2, anchorMisses: 0, rowsInUse: 3, capacity: 8, spareRows: 5 }]);
  });

  it('tells what a decode takes, and how large the pictures of data sets are by their encoding', async () => {
    ran({ kind: 'decode', rows: 4, seconds: 0.5 });
    for (const bytes of [300, 500]) teller.madeFile({ encoding: 'png-opaque', bytes });
    await teller.tell();
    expect(told[0]!.counts).toMatchObject({ 'steps:decode': 4, 'seconds:decode': 0.5, 'files:png-opaque': 2, 'fileBytes:png-opaque': 800, pictures: 2 });
    expect(told[0]!.counts).not.toHaveProperty('stepSeconds');
  });

  it('adds up audits, and their speed-up only where it was alone', async () => {
    const finding = { level: 0, agreement: 0.75, scoreDifferences: [{ scorer: 's', points: -2 }], seconds: { accelerated: 1, full: 4 } };
    teller.audited('shortcut', finding, { alone: true });
    teller.audited('shortcut', { ...finding, scoreDifferences: [] }, { alone: false });
    await teller.tell();
    expect(told[0]!.counts).toMatchObject({ 'audits:shortcut': 2, 'agreement:shortcut': 1.5, 'scored:shortcut': 1, 'scoreDifference:shortcut': -2, 'timed:shortcut': 1, 'speedup:shortcut': 4 });
  });

  it('tells the rest before it leaves', async () => {
    ran({ kind: 'partial', rows: 1, seconds: 1 });
    await teller.close();
    expect(told[0]!.counts).toMatchObject({ 'steps:partial': 1 });
    expect(left[0]).toBe(told[0]!.state.id);
  });
});
