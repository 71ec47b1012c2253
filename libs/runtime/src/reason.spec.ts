import { describe, expect, it } from 'vitest';
import { reason } from './reason.js';

describe('what ONNX Runtime says', () => {
  it.each([
    ['Failed to load model because protobuf parsing failed.', 'Failed to load model because protobuf parsing failed.'],
    ['/src/core/webgpu_context.cc:136 void Initialize(const Config&) status == Success was false. No adapter', 'No adapter'],
    ['\u001b[1;31mFailed to load shared library\nand more\u001b[m', 'Failed to load shared library'],
  ])('%j is told as %j', (said, told) => {
    expect(reason(new Error(said))).toBe(told);
  });
});
