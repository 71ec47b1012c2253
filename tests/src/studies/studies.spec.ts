import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { readPngText } from '@slipstream/pictures';
import { expectProblem } from '../harness/expect-problem.js';
import { ask, eventually, ownService, startLockedGateway, type Answer } from '../harness/index.js';

const service = ownService('studies', { start: startLockedGateway, withWorker: true });
let headers: { authorization: string };

const becomeSomebody = async (given: object = {}): Promise<void> => void (headers = { authorization: `Bearer ${(await service.gateway.key({ tenant: `t-${randomUUID()}`, ...given })).key}` });
beforeEach(() => becomeSomebody());

const call = (path: string, question: Parameters<typeof ask>[1] = {}): Promise<Answer> => ask(`${service.url}/v1/${path}`, { ...question, headers });

const candidates = [{ name: 'fast', acceleration: { strategy: 'shortcut', budget: 2 } }];
const declared = { name: 'does it hold', prompts: ['sun', 'moon'], seeds: [1, 2], candidates, margin: 0.1, votes_wanted: 8 };

async function declare(fields: object = {}): Promise<string> {
  const made = await call('studies', { json: { ...declared, ...fields } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  expect(made.headers.get('location')).toBe(`/v1/studies/${made.body.id}`);
  return made.body.id;
}

interface ShownPair {
  readonly id: string;
  readonly prompt: string;
  readonly left: { b64_json: string };
  readonly right: { b64_json: string };
}

const show = (id: string): Promise<ShownPair> =>
  eventually(async () => {
    const { status, body } = await call(`studies/${id}/pairs`, { method: 'POST' });
    expect(status, JSON.stringify(body)).toBe(200);
    return body.status === 'ready' && body;
  }, { what: 'a pair is shown' });
const vote = (id: string, pair: string, choice: string, more: object = {}): Promise<Answer> => call(`studies/${id}/votes`, { json: { pair, choice, ...more } });

describe('a study', () => {
  it('is voted to its end, and says what was found', async () => {
    const id = await declare();
    const shown: ShownPair[] = [];
    for (let count = 1; count <= 8; count += 1) {
      const pair = await show(id);
      shown.push(pair);
      expect((await vote(id, pair.id, count % 4 === 0 ? 'tie' : 'left', { voter: 'ada' })).body).toMatchObject({ votes: count, votes_wanted: 8 });
    }
    expect((await call(`studies/${id}/pairs`, { method: 'POST' })).body).toEqual({ object: 'study.pair', status: 'completed', votes: 8, votes_wanted: 8 });
    const { body: results } = await call(`studies/${id}/results`);
    const [found] = results.candidates;
    expect(results).toMatchObject({ status: 'completed', margin: 0.1, baseline: 'vanilla' });
    expect(found).toMatchObject({ name: 'fast', votes: 8, ties: 2, tie_share: { value: 0.25 } });
    const { body: votes } = await call(`studies/${id}/votes`);
    expect(found.wins).toBe(votes.data.filter(({ candidate_side, choice }: { candidate_side: string; choice: string }) => choice === candidate_side).length);
    // Each of the four pairs twice: nobody is asked again while another has fewer votes.
    const times = new Map<string, number>();
    for (const { prompt, seed } of votes.data) times.set(`${prompt} ${seed}`, (times.get(`${prompt} ${seed}`) ?? 0) + 1);
    expect([...times.values()]).toEqual([2, 2, 2, 2]);
    const csv = await call(`studies/${id}/votes?format=csv`);
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="${id}-votes.csv"`);
    expect(csv.body.trim().split('\r\n')).toHaveLength(9);
  }, 120_000);

  it('tells nowhere which side is which', async () => {
    const id = await declare();
    const answer = await eventually(async () => { const each = await call(`studies/${id}/pairs`, { method: 'POST' }); return each.body.status === 'ready' && each; }, { what: 'a pair is shown' });
    const { left, right, ...rest } = answer.body;
    expect(Object.keys(rest).sort()).toEqual(['id', 'object', 'prompt', 'status', 'votes', 'votes_wanted']);
    const said = JSON.stringify([rest, [...answer.headers]]);
    for (const { b64_json } of [left, right]) {
      const bytes = Buffer.from(b64_json, 'base64');
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      expect(readPngText(bytes)).toBeUndefined();
      expect(bytes.toString('latin1')).not.toMatch(/slipstream|strategy|shortcut|vanilla/i);
    }
    expect(said).not.toMatch(/shortcut|vanilla|fast|gen_|candidate|baseline/);
    expect(left.b64_json).not.toBe(right.b64_json);
  }, 60_000);

  it('shows the pictures that its settings make, on either side', async () => {
    const id = await declare({ prompts: ['sun'], seeds: [5], votes_wanted: 40 });
    const sides = new Set<string>();
    const pairs = new Set<string>();
    for (let i = 0; i < 40 && sides.size < 2; i += 1) {
      const { left, right } = await show(id);
      sides.add(`${left.b64_json} ${right.b64_json}`);
      pairs.add([left.b64_json, right.b64_json].sort().join(' '));
    }
    expect([sides.size, pairs.size]).toEqual([2, 1]);
    const { body } = await call('generations?status=completed');
    expect(body.data.map(({ prompt, seed, acceleration }: { prompt: string; seed: number; acceleration: { strategy: string } }) => [prompt, seed, acceleration.strategy]).sort()).toEqual([['sun', 5, 'shortcut'], ['sun', 5, 'vanilla']]);
  }, 60_000);
});

describe('a vote', () => {
  it('counts once, and only for a pair that was shown in this study', async () => {
    const [id, other] = [await declare(), await declare()];
    const pair = await show(id);
    expectProblem(await vote(other, pair.id, 'left'), { status: 404, code: 'pair_not_found', param: 'pair' });
    for (const forged of [`pair_${'0'.repeat(32)}`, '../..', 'x']) expectProblem(await vote(id, forged, 'left'), { status: 404, code: 'pair_not_found' });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => vote(id, pair.id, i % 2 ? 'left' : 'right')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    expectProblem(answers.find(({ status }) => status === 409)!, { status: 409, code: 'pair_voted', param: 'pair' });
    expect((await call(`studies/${id}`)).body).toMatchObject({ votes: 1, status: 'open' });
    expect((await call(`studies/${id}/votes`)).body.data).toHaveLength(1);
  }, 60_000);

  it('that comes after the last one wanted does not count', async () => {
    const id = await declare({ votes_wanted: 1 });
    const [one, late] = [await show(id), await show(id)];
    expect((await vote(id, one.id, 'tie')).status).toBe(201);
    expectProblem(await vote(id, late.id, 'left'), { status: 409, code: 'study_completed' });
    expect((await call(`studies/${id}/results`)).body.candidates[0]).toMatchObject({ votes: 1, ties: 1 });
  }, 60_000);

  it('must be one', async () => {
    const id = await declare();
    const { id: pair } = await show(id);
    for (const [json, param] of [[{ pair, choice: 'both' }, 'choice'], [{ choice: 'left' }, 'pair'], [{ pair, choice: 'left', voter: 'a b' }, 'voter'], [{ pair, choice: 'left', side: 1 }, 'side'], [[], null]] as const) {
      expectProblem(await call(`studies/${id}/votes`, { json }), { status: 400, code: 'invalid_request', param });
    }
  }, 60_000);
});

it('another tenant’s study is not there, nor a deleted one', async () => {
  const id = await declare();
  const { id: pair } = await show(id);
  const mine = headers;
  await becomeSomebody();
  const paths: [string, object][] = [['', {}], ['/results', {}], ['/votes', {}], ['/pairs', { method: 'POST' }], ['/votes', { json: { pair, choice: 'left' } }], ['', { method: 'DELETE' }]];
  for (const [path, question] of paths) expectProblem(await call(`studies/${id}${path}`, question), { status: 404, code: 'study_not_found', param: 'id' });
  expect((await call('studies')).body.data).toEqual([]);
  headers = mine;
  expect((await call('studies')).body.data).toMatchObject([{ id, votes: 0 }]);
  expect((await call(`studies/${id}`, { method: 'DELETE' })).body).toEqual({ id, object: 'study', deleted: true });
  for (const [path, question] of paths) expectProblem(await call(`studies/${id}${path}`, question), { status: 404, code: 'study_not_found' });
}, 60_000);

it('a study is refused with the name of the field that is wrong', async () => {
  const wrong: [object, string, RegExp][] = [
    [{ margin: undefined }, 'margin', /0 to 0\.5/],
    [{ margin: 0.6 }, 'margin', /0 to 0\.5/],
    [{ prompts: ['a', 'a'] }, 'prompts', /different/],
    [{ prompts: ['a\u0000'] }, 'prompts.0', /control characters/],
    [{ seeds: [-1] }, 'seeds.0', /whole numbers/],
    [{ candidates: [] }, 'candidates', /1 to 8/],
    [{ candidates: [{ name: 'vanilla' }] }, 'candidates', /different/],
    [{ candidates: [{ name: 'a', acceleration: { budget: 0 } }] }, 'candidates.0.acceleration.budget', /at least 1/],
    [{ candidates: [{ name: 'a', acceleration: { budget: 99, steps: 8, strategy: 'shortcut' } }] }, 'candidates.0.acceleration.budget', /more than the 8 steps/],
    [{ candidates: [{ name: 'a', acceleration: { colour: 1 } }] }, 'candidates.0.acceleration.colour', /not a field/],
    [{ prompts: Array.from({ length: 1_000 }, (_, i) => `p${i}`), seeds: Array.from({ length: 11 }, (_, i) => i) }, 'prompts', /10000 pairs/],
    [{ votes_wanted: 0 }, 'votes_wanted', /1 to 10000/],
  ];
  for (const [fields, param, says] of wrong) expectProblem(await call('studies', { json: { ...declared, ...fields } }), { status: 400, code: 'invalid_request', param, says });
});

it('asks for no more pictures than its tenant may have, and says when to come back', async () => {
  const tenant = `t-${randomUUID()}`;
  await service.gateway.admin(`/admin/tenants/${tenant}`, { method: 'PUT', json: { requests_per_minute: 1 } });
  const { body } = await service.gateway.admin('/admin/keys', { json: { name: 'slow', tenant } });
  headers = { authorization: `Bearer ${body.key}` };
  const id = await declare();
  const answer = await call(`studies/${id}/pairs`, { method: 'POST' });
  expectProblem(answer, { status: 429, code: 'rate_limited' });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
});
