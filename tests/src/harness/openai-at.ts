import OpenAI from 'openai';

/** The official client of a gateway; it asks once, so that a test sees each answer. */
export const openaiAt = (url: string, apiKey = 'none'): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 60_000 });
