export { PromptTokenizer } from './prompt-tokenizer.js';
