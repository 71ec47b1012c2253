import { describe, expect, it } from 'vitest';
import { parseGenerationRequest } from './generation-request.js';
import { knobTable, wireName, type KnobName } from './strategies.js';
import { SlipstreamError } from './slipstream-error.js';

const refusal = (body: unknown): SlipstreamError => {
  try {
    parseGenerationRequest(body);
  } catch (error) {
    if (error instanceof SlipstreamError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(body)} was accepted`);
};

const bad: [string, unknown, string, string][] = [
  ['an empty prompt', { prompt: '' }, 'prompt', 'prompt must be a text of 1 to 32,000 characters without control characters, got ""'],
  ['a prompt of spaces', { prompt: ' \n\t' }, 'prompt', 'got " \\n\\t"'],
  ['no prompt', {}, 'prompt', 'got nothing'],
  ['a prompt of 100 kB', { prompt: 'a'.repeat(100_000) }, 'prompt', 'got a text of 100000 characters'],
  ['a prompt with a null character', { prompt: 'pizza\0' }, 'prompt', 'without control characters'],
  ['a prompt with an escape character', { prompt: '\x1b[31mpizza' }, 'prompt', 'without control characters'],
  ['a prompt with half a surrogate pair', { prompt: 'pizza \ud83c' }, 'prompt', 'without control characters'],
  ['a number as prompt', { prompt: 7 }, 'prompt', 'got 7'],
  ['a list as prompt', { prompt: ['pizza'] }, 'prompt', 'got ["pizza"]'],
  ['n of 0', { prompt: 'pizza', n: 0 }, 'n', 'n must be a whole number from 1 to 10, got 0'],
  ['n of 11', { prompt: 'pizza', n: 11 }, 'n', 'got 11'],
  ['n as text', { prompt: 'pizza', n: '2' }, 'n', 'n must be a whole number from 1 to 10, got "2"'],
  ['half a picture', { prompt: 'pizza', n: 1.5 }, 'n', 'got 1.5'],
  ['a size that is no text', { prompt: 'pizza', size: 64 }, 'size', 'WIDTHxHEIGHT'],
  ['an unknown quality', { prompt: 'pizza', quality: 'best' }, 'quality', 'auto, low, medium, high, standard, hd'],
  ['an unknown answer format', { prompt: 'pizza', response_format: 'png' }, 'response_format', 'url or b64_json'],
  ['an unknown picture format', { prompt: 'pizza', output_format: 'gif' }, 'output_format', 'must be png, jpeg or webp, got "gif"'],
  ['a compression over 100', { prompt: 'pizza', output_compression: 101 }, 'output_compression', '0 to 100'],
  ['a stream that is neither on nor off', { prompt: 'pizza', stream: 'yes' }, 'stream', 'true or false'],
  ['a negative seed', { prompt: 'pizza', seed: -1 }, 'seed', 'seed must be a whole number from 0 to 9007199254740991, got -1'],
  ['a seed that doubles cannot hold', { prompt: 'pizza', seed: 2 ** 53 }, 'seed', 'from 0'],
  ['a cache that is neither on nor off', { prompt: 'pizza', cache: true }, 'cache', 'cache must be on or off, got true'],
  ['a lane nobody has', { prompt: 'pizza', lane: 'express' }, 'lane', 'must be interactive or batch, got "express"'],
  ['a deadline of 0', { prompt: 'pizza', deadline: 0 }, 'deadline', 'within which the generation must start, got 0'],
  ['acceleration as text', { prompt: 'pizza', acceleration: 'fast' }, 'acceleration', 'an object'],
  ['steps of 0', { prompt: 'pizza', acceleration: { steps: 0 } }, 'acceleration.steps', 'at least 1, got 0'],
  ['a budget of 0', { prompt: 'pizza', acceleration: { budget: 0 } }, 'acceleration.budget', 'at least 1'],
  ['a negative guidance', { prompt: 'pizza', acceleration: { guidance: -1 } }, 'acceleration.guidance', '0 to 20'],
  ['a temperature of 0', { prompt: 'pizza', acceleration: { temperature: 0 } }, 'acceleration.temperature', '0.05 to 5'],
  ['a strategy that is no text', { prompt: 'pizza', acceleration: { strategy: 3 } }, 'acceleration.strategy', 'one of vanilla, halton, shortcut'],
  ['a placement nobody has', { prompt: 'pizza', acceleration: { placement: 'middle' } }, 'acceleration.placement', 'must be steps or mass, got "middle"'],
  ['a tolerance of 0', { prompt: 'pizza', acceleration: { tolerance: 0 } }, 'acceleration.tolerance', 'must be a number from 0.001 to 10, got 0'],
  ['half an order', { prompt: 'pizza', acceleration: { order: 0.5 } }, 'acceleration.order', 'must be a whole number from 0 to 2, got 0.5'],
  ['a cubic order', { prompt: 'pizza', acceleration: { order: 3 } }, 'acceleration.order', 'from 0 to 2'],
  ['a share above 1', { prompt: 'pizza', acceleration: { cache_ratio: 1.01 } }, 'acceleration.cache_ratio', 'must be a number from 0 to 1'],
  ['an interval of 0', { prompt: 'pizza', acceleration: { refresh_interval: 0 } }, 'acceleration.refresh_interval', 'must be a whole number from 1 to 1024'],
  ['a knob as text', { prompt: 'pizza', acceleration: { noise_share: '0.1' } }, 'acceleration.noise_share', 'got "0.1"'],
  ['a knob by its name in code', { prompt: 'pizza', acceleration: { minGap: 2 } }, 'acceleration.minGap', '"acceleration.minGap" is not a field'],
  ['a misspelt field', { prompt: 'pizza', sede: 7 }, 'sede', '"sede" is not a field; known are prompt, model, n'],
  ['a misspelt field inside', { prompt: 'pizza', acceleration: { step: 7 } }, 'acceleration.step', '"acceleration.step" is not a field'],
];

describe('parseGenerationRequest', () => {
  it.each(bad)('refuses %s, naming the field and what it must be', (_, body, param, words) => {
    const error = refusal(body);
    expect(error).toMatchObject({ code: 'invalid_request', httpStatus: 400, param });
    expect(error.message).toContain(words);
  });

  it.each([['a text', 'pizza'], ['a list', []], ['nothing', undefined], ['null', null]])('refuses %s as body', (_, body) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', param: undefined });
  });

  it('names every wrong field at once, the first as param', () => {
    const error = refusal({ prompt: '', n: 0, seed: -1 });
    expect(error.param).toBe('prompt');
    expect(error.message).toMatch(/prompt must.*; n must.*; seed must/);
  });

  it('keeps what it says short, whatever was sent', () => {
    expect(refusal({ prompt: 'pizza', ['x'.repeat(5000)]: 1, n: { deep: 'y'.repeat(5000) } }).message.length).toBeLessThan(600);
  });

  it('fills in what OpenAI leaves open', () => {
    expect(parseGenerationRequest({ prompt: 'pizza' })).toEqual({
      prompt: 'pizza', n: 1, size: 'auto', quality: 'auto', lane: 'interactive', response_format: 'url', output_format: 'png', output_compression: 100, background: 'auto', cache: 'on',
    });
  });

  it('takes null as left out', () => {
    expect(parseGenerationRequest({ prompt: 'pizza', n: null, user: null, acceleration: { steps: null, budget: 2 } })).toMatchObject({ n: 1, acceleration: { budget: 2 } });
  });

  it('takes every knob at both ends of its range', () => {
    for (const knob of Object.keys(knobTable) as KnobName[]) {
      const rule = knobTable[knob];
      for (const value of 'values' in rule ? rule.values : [rule.min, rule.default, rule.max]) {
        expect(parseGenerationRequest({ prompt: 'pizza', acceleration: { [wireName(knob)]: value } }).acceleration).toEqual({ [wireName(knob)]: value });
      }
    }
  });

  it('takes words in any script, emoji and line breaks', () => {
    const prompt = 'part de pizza\n피자 한 조각 🍕';
    expect(parseGenerationRequest({ prompt }).prompt).toBe(prompt);
  });
});
